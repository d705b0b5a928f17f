import { show, steady } from '../number';
import { CURVES, DASHES } from '../palette';
import type { Frame } from '../wire';
import { axes, drawAxes, line, type Axes, type Axis } from './axes';
import { Drawing } from './drawing';
import { SANS } from './ink';
import { Sheet } from './sheet';
import { padded } from './ticks';
import { array, rows, type Context, type Declaration, type View } from './view';

export interface Series {
  readonly name: string;
  readonly label?: string;
  readonly dash?: boolean | readonly number[];
  /** Drawn thin and pale: many noisy numbers behind the ones that count. */
  readonly faint?: boolean;
}

export interface CurveDeclaration extends Declaration {
  readonly series: readonly Series[];
  readonly log?: boolean;
  readonly marks?: string;
  /** Heights that mean something, such as a goal. */
  readonly levels?: readonly { readonly value: number; readonly label: string }[];
  readonly x_label?: string;
  readonly y_label?: string;
  readonly low?: number;
  readonly high?: number;
}

interface Drawn { readonly label: string; readonly points: number[][]; readonly colour: string; readonly dash: readonly number[]; readonly faint: boolean }

/** Numbers over steps, with the reader's predictions drawn on them. */
export function curve(element: HTMLElement, { view, dark }: Context<CurveDeclaration>): View {
  const sheet = new Sheet(element, dark, (w) => Math.min(Math.max(w < 400 ? 250 : 230, w * 0.52), 380), view.title ?? 'Curve');
  const drawing = new Drawing(sheet, draw);
  let pointer: number | undefined;

  /** The lines that have points. */
  function collect(frame: Frame): Drawn[] {
    const colours = CURVES[sheet.ink.dark ? 'dark' : 'light'];
    const all = view.series.map((s, i) => ({
      label: s.label ?? s.name,
      points: rows(array(frame, s.name)).filter(([, y]) => Number.isFinite(y) && (!view.log || y! > 0)),
      colour: colours[i % colours.length]!,
      faint: s.faint === true,
      dash: Array.isArray(s.dash) ? s.dash : s.dash ? [6, 4] : (DASHES[i % DASHES.length] ?? []),
    }));
    return all.filter((d) => d.points.length);
  }

  function draw(frame: Frame): void {
    if (sheet.width < 120) return;
    const drawn = collect(frame);
    const marks = predictions(frame);
    const levels = view.levels ?? [];
    const [xAxis, yAxis] = ranges(drawn, [...marks, ...levels.map((l) => [NaN, l.value])]);
    const g = sheet.clear();
    const room = legend(g, drawn);
    const at = axes({ left: 52, top: room + 22, width: sheet.width - 66, height: sheet.height - room - 22 - 40 }, xAxis, yAxis);
    drawAxes(g, sheet, at, xAxis, yAxis);
    g.save();
    g.beginPath();
    g.rect(at.box.left - 5, at.box.top - 5, at.box.width + 10, at.box.height + 10);
    g.clip();
    drawn.forEach((d) => path(g, d, at));
    g.restore();
    levels.forEach((l) => level(g, l.value, `${l.label} ${show(l.value)}`, at, { colour: sheet.ink.muted, left: true }));
    marks.forEach((m) => mark(g, m, at));
    if (pointer !== undefined) readout(g, drawn, at, pointer);
    sheet.summarise(() => summary(drawn) + known(marks));
  }

  function predictions(frame: Frame): number[][] {
    const found = array(frame, view.marks);
    if (!found) return [];
    const all = found.shape.length === 2 ? rows(found) : Array.from(found.data, (v) => [NaN, v]);
    return all.filter(([, y]) => Number.isFinite(y));
  }

  function ranges(drawn: Drawn[], marks: number[][]): [Axis, Axis] {
    const all = drawn.flatMap((d) => d.points);
    const xs = all.map(([x]) => x!);
    const ys = [...all, ...marks].map(([, y]) => y!).filter((y) => !view.log || y > 0);
    const [x0, x1] = [least(xs, 0), Math.max(greatest(xs, 1), least(xs, 0) + 1)];
    return [{ low: x0, high: x1, label: view.x_label ?? 'step' }, { ...vertical(ys), ...(view.y_label ? { label: view.y_label } : {}) }];
  }

  function vertical(ys: number[]): Axis {
    const [low, high] = [view.low ?? least(ys, view.log ? 0.1 : 0), view.high ?? greatest(ys, 1)];
    if (view.log) return { low: low / 1.25, high: Math.max(high, low * 1.05) * 1.25, log: true };
    const [a, b] = padded(low, high);
    const fromZero = low >= 0 && (low < 0.35 * high || high - low < 0.02 * high);
    return { low: view.low ?? (fromZero ? 0 : a), high: view.high ?? (fromZero ? high * 1.06 : b) };
  }

  /** Names with their lines; gives the height that it took. */
  function legend(g: CanvasRenderingContext2D, drawn: Drawn[]): number {
    g.font = `12px ${SANS}`;
    g.textBaseline = 'middle';
    g.textAlign = 'left';
    let [x, y] = [2, 9];
    for (const d of drawn) {
      const latest = d.points.at(-1)?.[1];
      const text = latest === undefined ? d.label : `${d.label} ${steady(latest)}`;
      const width = 34 + g.measureText(text).width + 14;
      if (x > 2 && x + width > sheet.width) [x, y] = [2, y + 18];
      sample(g, d, x, y);
      g.fillStyle = sheet.ink.ink;
      g.fillText(text, x + 30, y + 0.5);
      x += width;
    }
    return y + 9;
  }

  function sample(g: CanvasRenderingContext2D, d: Drawn, x: number, y: number): void {
    stroke(g, d);
    line(g, x, y, x + 24, y);
    g.setLineDash([]);
    g.globalAlpha = 1;
  }

  function stroke(g: CanvasRenderingContext2D, d: Drawn): void {
    g.strokeStyle = d.colour;
    g.lineWidth = d.faint ? 1 : 2;
    g.globalAlpha = d.faint ? 0.4 : 1;
    g.lineJoin = 'round';
    g.setLineDash([...d.dash]);
  }

  function path(g: CanvasRenderingContext2D, d: Drawn, at: Axes): void {
    stroke(g, d);
    g.beginPath();
    for (const [x, y] of d.points) g.lineTo(at.x(x!), at.y(y!));
    g.stroke();
    g.setLineDash([]);
    g.globalAlpha = 1;
    const end = d.points.at(-1);
    if (end && !d.faint) dot(g, at.x(end[0]!), at.y(end[1]!), d.colour);
  }

  function dot(g: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
    g.beginPath();
    g.arc(x, y, 3.2, 0, 2 * Math.PI);
    g.fillStyle = colour;
    g.fill();
  }

  /** A prediction: a dotted level, and a diamond where it names a step. */
  function mark(g: CanvasRenderingContext2D, [x = NaN, y = NaN]: number[], at: Axes): void {
    const py = at.y(y);
    level(g, y, `your prediction ${show(y)}`, at, { colour: sheet.ink.accent });
    if (!Number.isFinite(x)) return;
    const px = at.x(x);
    g.beginPath();
    for (const [dx, dy] of [[0, -5], [5, 0], [0, 5], [-5, 0]] as const) g.lineTo(px + dx, py + dy);
    g.closePath();
    g.fill();
  }

  function level(g: CanvasRenderingContext2D, y: number, text: string, at: Axes, to: { colour: string; left?: boolean }): void {
    const py = at.y(y);
    g.strokeStyle = to.colour;
    g.lineWidth = 1.5;
    g.setLineDash([2, 4]);
    line(g, at.box.left, py, at.box.left + at.box.width, py);
    g.setLineDash([]);
    g.font = `12px ${SANS}`;
    g.fillStyle = to.colour;
    g.textAlign = to.left ? 'left' : 'right';
    g.textBaseline = 'bottom';
    g.fillText(text, to.left ? at.box.left + 4 : at.box.left + at.box.width, py - 3);
  }

  function readout(g: CanvasRenderingContext2D, drawn: Drawn[], at: Axes, px: number): void {
    const [value] = at.at(px, 0);
    if (px < at.box.left || px > at.box.left + at.box.width) return;
    g.strokeStyle = sheet.ink.muted;
    g.lineWidth = 1;
    line(g, px, at.box.top, px, at.box.top + at.box.height);
    const found = drawn.map((d) => ({ d, p: nearest(d.points, value) })).filter((f) => f.p);
    found.forEach(({ d, p }) => dot(g, at.x(p![0]!), at.y(p![1]!), d.colour));
    const text = found.map(({ d, p }) => `${d.label} ${show(p![1]!)}`).join('   ');
    const step = found[0]?.p?.[0];
    if (step !== undefined) bubble(g, `${view.x_label ?? 'step'} ${show(step)}   ${text}`, px, at);
  }

  function bubble(g: CanvasRenderingContext2D, text: string, px: number, at: Axes): void {
    g.font = `12px ${SANS}`;
    const width = g.measureText(text).width + 16;
    const x = Math.min(Math.max(0, px - width / 2), Math.max(0, sheet.width - width));
    g.fillStyle = sheet.ink.ink;
    g.beginPath();
    g.roundRect(x, at.box.top + 2, width, 22, 5);
    g.fill();
    g.fillStyle = sheet.ink.panel;
    g.textAlign = 'left';
    g.textBaseline = 'middle';
    g.fillText(text, x + 8, at.box.top + 13.5);
  }

  function known(marks: number[][]): string {
    const told = [...(view.levels ?? []).map((l) => `${l.label} ${show(l.value)}`), ...marks.map(([, y]) => `your prediction ${show(y!)}`)];
    return told.length ? ` Marked: ${told.join(', ')}.` : '';
  }

  function summary(drawn: Drawn[]): string {
    const told = drawn.filter((d) => d.points.length).map((d) => `${d.label} from ${show(d.points[0]![1]!)} to ${show(d.points.at(-1)![1]!)}`);
    return told.length ? `${told.join('; ')}, up to ${view.x_label ?? 'step'} ${drawn.find((d) => d.points.length)!.points.at(-1)![0]}.` : 'No values yet.';
  }

  const move = (event: PointerEvent) => { pointer = sheet.place(event)[0]; drawing.again(); };
  const leave = () => { pointer = undefined; drawing.again(); };
  sheet.canvas.addEventListener('pointermove', move);
  sheet.canvas.addEventListener('pointerleave', leave);
  return drawing;
}

const least = (v: number[], otherwise: number) => (v.length ? v.reduce((a, b) => Math.min(a, b)) : otherwise);
const greatest = (v: number[], otherwise: number) => (v.length ? v.reduce((a, b) => Math.max(a, b)) : otherwise);

function nearest(points: number[][], x: number): number[] | undefined {
  let best: number[] | undefined;
  for (const p of points) if (!best || Math.abs(p[0]! - x) < Math.abs(best[0]! - x)) best = p;
  return best;
}
