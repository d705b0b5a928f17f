import { css, diverging } from '../palette';
import { show } from '../number';
import type { Frame, FrameArray } from '../wire';
import { axes, drawAxes, type Axes, type Axis } from './axes';
import { colourBar } from './colourbar';
import { Drawing } from './drawing';
import { levels, mark, Pixels } from './pixels';
import { Layer, Sheet } from './sheet';
import { array, type Context, type Declaration, type View } from './view';

export interface FieldDeclaration extends Declaration {
  readonly values: string;
  readonly range?: readonly [number, number];
  /** Of the second axis, where it is another. */
  readonly y_range?: readonly [number, number];
  readonly points?: string;
  /** Points held back from training, drawn hollow. */
  readonly test?: string;
  /** What the colour stands for. */
  readonly label?: string;
  readonly low?: number;
  readonly high?: number;
  readonly x_label?: string;
  readonly y_label?: string;
  /** Sent with {x, y, label} where the reader clicks; with Shift the label is the lowest, not the highest. */
  readonly event?: string;
}

const NARROW = 300; // CSS pixels below which a plane has room for its colour bar but not for its axes

/** A number for every place of the plane, as colour, with the data on it. */
export function field(element: HTMLElement, { view, dark, send }: Context<FieldDeclaration>): View {
  const title = view.title ?? 'Field';
  const sheet = new Sheet(element, dark, (w) => Math.min(w < NARROW ? w - 38 : w - 22, 620), title);
  const [picture, ground, dots] = [new Pixels(), new Layer(true), new Layer()];
  const [low, high] = [view.low ?? 0, view.high ?? 1];
  const [from, to] = view.range ?? [-1.1, 1.1];
  const [below, above] = view.y_range ?? [from, to];
  const level = levels(low, high);
  const xAxis: Axis = { low: from, high: to, label: view.x_label ?? 'x₁' };
  const yAxis: Axis = { low: below, high: above, label: view.y_label ?? 'x₂' };
  const drawing = new Drawing(sheet, draw);

  const narrow = () => sheet.width < NARROW;

  function place(): Axes {
    const compact = narrow();
    const side = Math.min(sheet.width - (compact ? 46 : 84), sheet.height - (compact ? 8 : 60));
    const left = compact ? 2 : Math.max(36, (sheet.width - side - 12) / 2);
    return axes({ left, top: compact ? 4 : 24, width: side, height: side }, xAxis, yAxis);
  }

  function draw(frame: Frame): void {
    const values = array(frame, view.values);
    const [h = 0, w = 0] = values?.shape ?? [];
    if (!values || !h || sheet.width < 120) return;
    const at = place();
    const { left, top, width, height } = at.box;
    const g = sheet.g;
    ground.draw(sheet, at.key, (p) => {
      if (!narrow()) drawAxes(p, sheet, at, xAxis, yAxis, false);
      colourBar(p, sheet, at.box, 'diverging', { low, high });
    });
    const direct = values.data instanceof Uint8Array;
    const image = picture.paint(values.data, w, h, { scale: 'diverging', dark: sheet.ink.dark, up: true, ...(direct ? {} : { level }) });
    g.imageSmoothingEnabled = true;
    g.drawImage(image, left, top, width, height);
    const points = array(frame, view.points);
    const held = array(frame, view.test);
    dots.draw(sheet, `${at.key}|${held ? mark(held.data) : ''}|${points ? mark(points.data) : ''}`, (p) => {
      if (held) drawPoints(p, held, at, true);
      if (points) drawPoints(p, points, at, false);
    });
    sheet.summarise(() => summary(frame, points));
  }

  function drawPoints(g: CanvasRenderingContext2D, points: FrameArray, at: Axes, test: boolean): void {
    const columns = points.shape[1] ?? 3;
    const radius = Math.max(2.8, Math.min(4.5, at.box.width / 95));
    for (let i = 0; i < points.data.length; i += columns) {
      const [x = 0, y = 0, value = 0] = points.data.subarray(i, i + columns);
      dot(g, at.x(x), at.y(y), test ? radius * 0.8 : radius, value, test);
    }
  }

  function dot(g: CanvasRenderingContext2D, x: number, y: number, radius: number, value: number, test: boolean): void {
    const colour = css(diverging(((value - low) / (high - low)) * 2 - 1, sheet.ink.dark));
    g.beginPath();
    g.arc(x, y, radius, 0, 2 * Math.PI);
    g.fillStyle = test ? 'rgb(255 255 255 / .92)' : colour;
    g.strokeStyle = test ? colour : 'rgb(255 255 255 / .95)';
    g.lineWidth = test ? 1.8 : 0.9;
    g.fill();
    g.stroke();
  }

  function summary(frame: Frame, points: FrameArray | undefined): string {
    const values = array(frame, view.values)!;
    const middle = values.data instanceof Uint8Array ? 127.5 : (low + high) / 2;
    let above = 0;
    for (const v of values.data) if (v > middle) above++;
    const share = Math.round((100 * above) / values.data.length);
    const count = points ? `, with ${points.shape[0]} points` : '';
    return `Step ${frame.step}: ${view.label ?? 'the answer'} is on ${share} % of the plane above ${show((low + high) / 2)}${count}.`;
  }

  function click(event: MouseEvent): void {
    const at = place();
    const [x, y] = at.at(...sheet.place(event));
    if (view.event && x >= from && x <= to && y >= below && y <= above) send(view.event, { x, y, label: event.shiftKey ? low : high });
  }

  if (view.event) {
    sheet.canvas.classList.add('takes-clicks');
    sheet.canvas.addEventListener('click', click);
  }
  return drawing;
}
