import { show } from '../number';
import type { Frame } from '../wire';
import { axes, drawAxes, type Axes, type Axis } from './axes';
import { colourBar } from './colourbar';
import { draggable } from './drag';
import { Drawing } from './drawing';
import { SANS } from './ink';
import { extent, levels, Pixels } from './pixels';
import { Layer, Sheet } from './sheet';
import { array, rows, type Context, type Declaration, type View } from './view';

export interface SurfaceDeclaration extends Declaration {
  readonly values: string;
  readonly x?: readonly [number, number];
  readonly y?: readonly [number, number];
  /** An array of four numbers that takes the place of x and y. */
  readonly extent?: string;
  readonly path?: string;
  readonly guess?: string;
  readonly log?: boolean;
  readonly x_label?: string;
  readonly y_label?: string;
  /** Sent with {x, y} where the reader puts the guess. */
  readonly event?: string;
  /** Sent with {x, y} where the reader drags the end of the path. */
  readonly stand?: string;
}

/** A landscape as colour, the way walked on it, and the reader's guess of its lowest place. */
export function surface(element: HTMLElement, { view, dark, send }: Context<SurfaceDeclaration>): View {
  const sheet = new Sheet(element, dark, (w) => Math.min(Math.max(250, w * 0.85), 480), view.title ?? 'Landscape');
  const [picture, ground] = [new Pixels(), new Layer()];
  const drawing = new Drawing(sheet, draw);

  function spans(frame: Frame): [Axis, Axis] {
    const sent = array(frame, view.extent ?? 'extent')?.data;
    const [x0, x1] = sent?.length === 4 ? [sent[0]!, sent[1]!] : (view.x ?? [0, 1]);
    const [y0, y1] = sent?.length === 4 ? [sent[2]!, sent[3]!] : (view.y ?? [0, 1]);
    return [
      { low: x0, high: x1, ...(view.x_label ? { label: view.x_label } : {}) },
      { low: y0, high: y1, ...(view.y_label ? { label: view.y_label } : {}) },
    ];
  }

  function place(frame: Frame): Axes {
    return axes({ left: 56, top: 26, width: sheet.width - 122, height: sheet.height - 68 }, ...spans(frame));
  }

  function draw(frame: Frame): void {
    const values = array(frame, view.values);
    const [h = 0, w = 0] = values?.shape ?? [];
    if (!values || !h || sheet.width < 150) return;
    const [low, high] = extent(values.data);
    const log = Boolean(view.log) && low > 0;
    const at = place(frame);
    const { left, top, width, height } = at.box;
    const g = sheet.clear();
    ground.draw(sheet, `${at.key}|${low}|${high}`, (p) => {
      const image = picture.paint(values.data, w, h, { scale: 'sequential', dark: sheet.ink.dark, up: true, level: levels(low, high, log) });
      p.imageSmoothingEnabled = true;
      p.drawImage(image, left, top, width, height);
      drawAxes(p, sheet, at, ...spans(frame), false);
      colourBar(p, sheet, at.box, 'sequential', { low, high, log });
    });
    g.save();
    g.beginPath();
    g.rect(left, top, width, height);
    g.clip();
    const walked = rows(array(frame, view.path)).filter((p) => p.every(Number.isFinite));
    path(g, walked, at);
    guess(g, frame, at);
    g.restore();
    sheet.summarise(() => summary(walked, low, high) + guessed(frame));
  }

  function path(g: CanvasRenderingContext2D, walked: number[][], at: Axes): void {
    if (!walked.length) return;
    for (const [width, colour] of [[4.5, 'rgb(255 255 255 / .85)'], [2, '#12161d']] as const) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.lineJoin = 'round';
      g.beginPath();
      for (const [x, y] of walked) g.lineTo(at.x(x!), at.y(y!));
      g.stroke();
    }
    for (const p of walked.slice(-60)) dot(g, p, at, 2.6, '#12161d', 'rgb(255 255 255 / .85)');
    dot(g, walked.at(-1)!, at, 6, '#ffffff', '#12161d');
  }

  function dot(g: CanvasRenderingContext2D, [x = 0, y = 0]: number[], at: Axes, radius: number, fill: string, rim: string): void {
    g.beginPath();
    g.arc(at.x(x), at.y(y), radius, 0, 2 * Math.PI);
    g.fillStyle = fill;
    g.strokeStyle = rim;
    g.lineWidth = radius > 4 ? 2.5 : 1;
    g.fill();
    g.stroke();
  }

  function guess(g: CanvasRenderingContext2D, frame: Frame, at: Axes): void {
    const found = array(frame, view.guess)?.data;
    if (!found || found.length < 2 || !Number.isFinite(found[0]) || !Number.isFinite(found[1])) return;
    const [x, y] = [at.x(found[0]!), at.y(found[1]!)];
    for (const [width, colour] of [[5, '#ffffff'], [2.2, '#12161d']] as const) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.beginPath();
      g.moveTo(x - 7, y - 7);
      g.lineTo(x + 7, y + 7);
      g.moveTo(x + 7, y - 7);
      g.lineTo(x - 7, y + 7);
      g.stroke();
    }
    tag(g, 'your guess', x, y, at);
  }

  function tag(g: CanvasRenderingContext2D, text: string, x: number, y: number, at: Axes): void {
    g.font = `12px ${SANS}`;
    const width = g.measureText(text).width + 12;
    const left = x + 14 + width > at.box.left + at.box.width ? x - 14 - width : x + 14;
    g.fillStyle = 'rgb(255 255 255 / .92)';
    g.beginPath();
    g.roundRect(left, y - 10, width, 20, 4);
    g.fill();
    g.fillStyle = '#12161d';
    g.textAlign = 'left';
    g.textBaseline = 'middle';
    g.fillText(text, left + 6, y + 0.5);
  }

  function summary(walked: number[][], low: number, high: number): string {
    const end = walked.at(-1);
    const now = end ? ` The walk of ${walked.length - 1} steps stands at ${show(end[0]!)}, ${show(end[1]!)}.` : '';
    return `Values from ${show(low)} to ${show(high)}.${now}`;
  }

  function guessed(frame: Frame): string {
    const [x = NaN, y = NaN] = array(frame, view.guess)?.data ?? [];
    return Number.isFinite(x) ? ` Your guess is at ${show(x)}, ${show(y)}.` : '';
  }

  function click(event: MouseEvent): void {
    if (!drawing.last || !view.event || dragged()) return;
    const frame = place(drawing.last);
    const [px, py] = sheet.place(event);
    const { left, top, width, height } = frame.box;
    if (px < left || py < top || px > left + width || py > top + height || grip(px, py)) return;
    const [x, y] = frame.at(px, py);
    send(view.event, { x, y });
  }

  /** The end of the path is a handle. */
  function grip(px: number, py: number): boolean {
    const end = drawing.last && rows(array(drawing.last, view.path)).at(-1);
    if (!drawing.last || !end || !view.stand) return false;
    const at = place(drawing.last);
    return Math.hypot(at.x(end[0]!) - px, at.y(end[1]!) - py) < 14;
  }

  function move(px: number, py: number): void {
    if (!drawing.last || !view.stand) return;
    const at = place(drawing.last);
    const { left, top, width, height } = at.box;
    const [x, y] = at.at(clamp(px, left, left + width), clamp(py, top, top + height));
    send(view.stand, { x, y });
  }

  const dragged = draggable(sheet, { grip, move });
  if (view.event) {
    sheet.canvas.classList.add('takes-clicks');
    sheet.canvas.addEventListener('click', click);
  }
  return drawing;
}

const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));
