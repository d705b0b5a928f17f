import { show } from '../number';
import type { Frame, FrameArray } from '../wire';
import { axes, drawAxes, line, type Axes, type Axis } from './axes';
import { draggable } from './drag';
import { Drawing } from './drawing';
import { SANS } from './ink';
import { extent } from './pixels';
import { Sheet } from './sheet';
import { padded } from './ticks';
import { array, rows, type Context, type Declaration, type View } from './view';

export interface ScatterDeclaration extends Declaration {
  readonly points: string;
  /** Two numbers (slope, intercept), or the points of a line. */
  readonly line?: string;
  /** Sent with {x, y} where the reader drags the line to. */
  readonly turn?: string;
  readonly labels?: readonly string[];
  readonly x_label?: string;
  readonly y_label?: string;
  readonly x?: readonly [number, number];
  readonly y?: readonly [number, number];
}

/** Points of the plane and the line that the model draws through them, with what it misses. */
export function scatter(element: HTMLElement, { view, dark, send }: Context<ScatterDeclaration>): View {
  const sheet = new Sheet(element, dark, (w) => Math.min(Math.max(240, w * 0.85), 440), view.title ?? 'Points');
  const drawing = new Drawing(sheet, draw);

  const place = (xAxis: Axis, yAxis: Axis) => axes({ left: 52, top: 28, width: sheet.width - 74, height: sheet.height - 70 }, xAxis, yAxis);

  function draw(frame: Frame): void {
    const points = rows(array(frame, view.points));
    if (!points.length || sheet.width < 120) return;
    const [xAxis, yAxis] = ranges(points);
    const at = place(xAxis, yAxis);
    const g = sheet.clear();
    drawAxes(g, sheet, at, xAxis, yAxis);
    const model = modelOf(array(frame, view.line), xAxis);
    if (model.length) errors(g, at, points, model);
    if (model.length) drawLine(g, at, model);
    points.forEach((p, i) => dot(g, at, p, view.labels?.[i]));
    sheet.summarise(() => summary(points, model));
  }

  function ranges(points: number[][]): [Axis, Axis] {
    const span = (i: number, given?: readonly [number, number]) => given ?? padded(...extent(Float32Array.from(points, (p) => p[i]!)), 0.25);
    const [[x0, x1], [y0, y1]] = [span(0, view.x), span(1, view.y)];
    return [{ low: x0, high: x1, ...(view.x_label ? { label: view.x_label } : {}) }, { low: y0, high: y1, ...(view.y_label ? { label: view.y_label } : {}) }];
  }

  function modelOf(found: FrameArray | undefined, xAxis: Axis): number[][] {
    if (!found) return [];
    if (found.shape.length === 2) return rows(found);
    const [slope = 0, start = 0] = found.data;
    return [xAxis.low, xAxis.high].map((x) => [x, slope * x + start]);
  }

  function clipped(g: CanvasRenderingContext2D, at: Axes, paint: () => void): void {
    g.save();
    g.beginPath();
    g.rect(at.box.left, at.box.top, at.box.width, at.box.height);
    g.clip();
    paint();
    g.restore();
  }

  function errors(g: CanvasRenderingContext2D, at: Axes, points: number[][], model: number[][]): void {
    clipped(g, at, () => {
      g.strokeStyle = sheet.ink.muted;
      g.lineWidth = 1;
      g.setLineDash([3, 3]);
      for (const [x, y] of points) line(g, at.x(x!), at.y(y!), at.x(x!), at.y(along(model, x!)));
      g.setLineDash([]);
    });
  }

  function drawLine(g: CanvasRenderingContext2D, at: Axes, model: number[][]): void {
    clipped(g, at, () => {
      g.strokeStyle = sheet.ink.ink;
      g.lineWidth = 2.2;
      g.beginPath();
      for (const [x, y] of model) g.lineTo(at.x(x!), at.y(y!));
      g.stroke();
    });
  }

  function dot(g: CanvasRenderingContext2D, at: Axes, [x = 0, y = 0]: number[], label?: string): void {
    g.beginPath();
    g.arc(at.x(x), at.y(y), 5.5, 0, 2 * Math.PI);
    g.fillStyle = sheet.ink.accent;
    g.strokeStyle = sheet.ink.panel;
    g.lineWidth = 2;
    g.fill();
    g.stroke();
    if (!label) return;
    g.font = `12px ${SANS}`;
    g.fillStyle = sheet.ink.ink;
    g.textAlign = 'left';
    g.textBaseline = 'bottom';
    g.fillText(label, Math.min(at.x(x) + 8, sheet.width - g.measureText(label).width - 2), at.y(y) - 5);
  }

  function summary(points: number[][], model: number[][]): string {
    const told = points.slice(0, 5).map(([x, y]) => `${show(x!)}, ${show(y!)}`).join('; ');
    const miss = model.length ? ` The line misses the first by ${show(along(model, points[0]![0]!) - points[0]![1]!)}.` : '';
    return `${points.length} points: ${told}.${miss}`;
  }

  /** The line can be taken anywhere; one that runs above or below the picture, at that edge. */
  function grip(px: number, py: number): boolean {
    if (!drawing.last || !view.turn) return false;
    const [xAxis, yAxis] = ranges(rows(array(drawing.last, view.points)));
    const at = place(xAxis, yAxis);
    const { left, top, width, height } = at.box;
    const model = modelOf(array(drawing.last, view.line), xAxis);
    if (!model.length || px < left || px > left + width) return false;
    const there = at.y(along(model, at.at(px, py)[0]));
    return Math.abs(Math.min(top + height, Math.max(top, there)) - py) < 14;
  }

  function move(px: number, py: number): void {
    if (!drawing.last || !view.turn) return;
    const [x, y] = place(...ranges(rows(array(drawing.last, view.points)))).at(px, py);
    send(view.turn, { x, y });
  }

  if (view.turn) draggable(sheet, { grip, move });
  return drawing;
}

/** The height of a line of points at x. */
export function along(model: readonly number[][], x: number): number {
  const i = Math.max(1, model.findIndex((p) => p[0]! >= x));
  const [a, b] = [model[i - 1] ?? model[0]!, model[i] ?? model.at(-1)!];
  const share = b[0] === a[0] ? 0 : (x - a[0]!) / (b[0]! - a[0]!);
  return a[1]! + share * (b[1]! - a[1]!);
}
