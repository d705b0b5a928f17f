import { show } from '../number';
import { css, signColour } from '../palette';
import type { Frame, FrameArray } from '../wire';
import { Drawing } from './drawing';
import { SANS, SERIF } from './ink';
import { Pixels } from './pixels';
import { Sheet } from './sheet';
import { array, type Context, type Declaration, type View } from './view';

export interface NetgraphDeclaration extends Declaration {
  /** Arrays (out, in); further layers are found by counting on: w0, w1, w2. */
  readonly weights: readonly string[];
  /** One array of pictures (units, s, s): of every input and hidden unit in order. */
  readonly maps?: string;
  /** The names of the inputs, or the value that lists them. */
  readonly inputs?: string | readonly string[];
  readonly outputs?: readonly string[];
}

type Node = readonly [layer: number, unit: number];

const SUBSCRIPT = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];

/** A network: each link as wide as its weight, each hidden unit a picture of what it answers to every input. */
export function netgraph(element: HTMLElement, { view, dark }: Context<NetgraphDeclaration>): View {
  const sheet = new Sheet(element, dark, (w) => Math.min(Math.max(260, w * 0.8), 520), view.title ?? 'The network');
  let pictures: Pixels[] = [];
  const drawing = new Drawing(sheet, draw, () => { pictures = []; });
  let pointed: Node | undefined;

  const matrices = (frame: Frame) =>
    counted(frame, view.weights).map((name) => array(frame, name)).filter((w) => w?.shape.length === 2) as FrameArray[];
  const sizes = (weights: FrameArray[]) => [weights[0]?.shape[1] ?? 0, ...weights.map((w) => w.shape[0] ?? 0)];
  const side = (count: number) => Math.min(Math.max(46, sheet.height / 9), (sheet.height - 24) / count - 4, (sheet.width - 90) / 4);

  function spot(counts: number[], layer: number, unit: number): [number, number] {
    const last = Math.max(1, counts.length - 1);
    return [26 + ((sheet.width - 52) * layer) / last, 12 + ((sheet.height - 24) * (unit + 0.5)) / counts[layer]!];
  }

  function draw(frame: Frame): void {
    const weights = matrices(frame);
    if (!weights.length || sheet.width < 80) return;
    const counts = sizes(weights);
    const g = sheet.clear();
    weights.forEach((w, layer) => links(g, w, layer, counts));
    counts.forEach((n, layer) => nodes(g, frame, layer, n, counts));
    if (pointed) numbers(g, weights, counts, pointed);
    sheet.summarise(() => summary(weights, counts, frame.step));
  }

  function links(g: CanvasRenderingContext2D, w: FrameArray, layer: number, counts: number[]): void {
    const [out = 0, into = 0] = w.shape;
    for (let j = 0; j < out; j++) {
      for (let i = 0; i < into; i++) link(g, w.data[j * into + i]!, spot(counts, layer, i), spot(counts, layer + 1, j), touched(layer, i, j));
    }
    g.globalAlpha = 1;
    g.setLineDash([]);
  }

  /** Under the pointer only one unit's links stay, the negative ones dashed. */
  function link(g: CanvasRenderingContext2D, v: number, [x1, y1]: [number, number], [x2, y2]: [number, number], shown: boolean): void {
    const size = Math.abs(v);
    const middle = (x1 + x2) / 2;
    g.strokeStyle = css(signColour(v, sheet.ink.dark));
    g.globalAlpha = (shown ? 1 : 0.12) * Math.min(0.92, 0.16 + size * 0.4);
    g.lineWidth = Math.min(6, 0.5 + size * 1.25);
    g.setLineDash(pointed && shown && v < 0 ? [7, 4] : []);
    g.beginPath();
    g.moveTo(x1, y1);
    g.bezierCurveTo(middle, y1, middle, y2, x2, y2);
    g.stroke();
  }

  const touched = (layer: number, i: number, j: number) =>
    !pointed || (pointed[0] === layer && pointed[1] === i) || (pointed[0] === layer + 1 && pointed[1] === j);

  function nodes(g: CanvasRenderingContext2D, frame: Frame, layer: number, n: number, counts: number[]): void {
    const maps = array(frame, view.maps);
    const before = counts.slice(0, layer).reduce((a, b) => a + b, 0);
    const size = side(Math.max(...counts));
    for (let i = 0; i < n; i++) {
      const [x, y] = spot(counts, layer, i);
      const drawn = maps !== undefined && before + i < (maps.shape[0] ?? 0);
      if (drawn) picture(g, maps, before + i, [layer, i], x, y, size);
      else circle(g, name(frame, layer, i, counts), x, y, Math.min(17, Math.max(9, size / 2)));
      if (drawn && layer === 0) caption(g, name(frame, layer, i, counts), x, y + size / 2 + 9);
    }
  }

  function picture(g: CanvasRenderingContext2D, maps: FrameArray, place: number, node: Node, x: number, y: number, size: number): void {
    const [, h = 0, w = 0] = maps.shape;
    const made = (pictures[place] ??= new Pixels());
    const data = maps.data.subarray(place * h * w, (place + 1) * h * w);
    const level = maps.data instanceof Uint8Array ? {} : { level: (v: number) => Math.min(255, Math.max(0, (v + 1) * 127.99)) | 0 };
    g.drawImage(made.paint(data, w, h, { scale: 'diverging', dark: sheet.ink.dark, up: true, ...level }), x - size / 2, y - size / 2, size, size);
    g.strokeStyle = isPointed(...node) ? sheet.ink.ink : sheet.ink.edge;
    g.lineWidth = isPointed(...node) ? 2 : 1;
    g.strokeRect(x - size / 2, y - size / 2, size, size);
  }

  function caption(g: CanvasRenderingContext2D, text: string, x: number, y: number): void {
    g.font = `italic 13px ${SERIF}`;
    g.fillStyle = sheet.ink.ink;
    g.textAlign = 'center';
    g.textBaseline = 'middle';
    g.fillText(text, x, y);
  }

  const isPointed = (layer: number, i: number) => pointed?.[0] === layer && pointed[1] === i;

  function name(frame: Frame, layer: number, i: number, counts: number[]): string {
    if (layer === 0) return inputs(frame)[i] ?? `x${SUBSCRIPT[i + 1] ?? i + 1}`;
    if (layer === counts.length - 1) return view.outputs?.[i] ?? (counts[layer] === 1 ? 'p' : String(i));
    return '';
  }

  function inputs(frame: Frame): readonly string[] {
    if (typeof view.inputs !== 'string') return view.inputs ?? [];
    const listed = frame.values[view.inputs];
    return typeof listed === 'string' ? listed.split(',').map(subscripted) : [];
  }

  function circle(g: CanvasRenderingContext2D, label: string, x: number, y: number, radius: number): void {
    g.beginPath();
    g.arc(x, y, radius, 0, 2 * Math.PI);
    g.fillStyle = sheet.ink.panel;
    g.fill();
    g.strokeStyle = sheet.ink.muted;
    g.lineWidth = 1.3;
    g.stroke();
    g.font = `italic ${label.length > 3 ? 11 : 15}px ${SERIF}`;
    g.fillStyle = sheet.ink.ink;
    g.textAlign = 'center';
    g.textBaseline = 'middle';
    g.fillText(label, x, y + 0.5);
  }

  /** The weights of the unit under the pointer, written at the far ends of its links. */
  function numbers(g: CanvasRenderingContext2D, weights: FrameArray[], counts: number[], [layer, unit]: Node): void {
    const write = (v: number, x: number, y: number) => tag(g, show(v, 2), x, y);
    const into = weights[layer - 1];
    const out = weights[layer];
    const gap = side(Math.max(...counts)) / 2 + 22;
    if (into) for (let i = 0; i < counts[layer - 1]!; i++) { const [x, y] = spot(counts, layer - 1, i); write(into.data[unit * counts[layer - 1]! + i]!, x + gap, y); }
    if (out) for (let j = 0; j < counts[layer + 1]!; j++) { const [x, y] = spot(counts, layer + 1, j); write(out.data[j * counts[layer]! + unit]!, x - gap, y); }
  }

  function tag(g: CanvasRenderingContext2D, text: string, x: number, y: number): void {
    g.font = `11px ${SANS}`;
    const width = g.measureText(text).width + 8;
    g.fillStyle = sheet.ink.panel;
    g.fillRect(x - width / 2, y - 8, width, 16);
    g.fillStyle = sheet.ink.ink;
    g.textAlign = 'center';
    g.textBaseline = 'middle';
    g.fillText(text, x, y);
  }

  function summary(weights: FrameArray[], counts: number[], step: number): string {
    let largest = 0;
    for (const w of weights) for (const v of w.data) if (Math.abs(v) > Math.abs(largest)) largest = v;
    return `Step ${step}: layers of ${counts.join(', ')} units; the largest weight is ${show(largest)}.`;
  }

  function point(event: PointerEvent): void {
    const found = drawing.last && nearest(sizes(matrices(drawing.last)), ...sheet.place(event));
    if (found?.join() === pointed?.join()) return;
    pointed = found;
    drawing.again();
  }

  function nearest(counts: number[], px: number, py: number): Node | undefined {
    const reach = Math.max(14, side(Math.max(...counts)) / 2);
    for (const [layer, n] of counts.entries()) {
      for (let i = 0; i < n; i++) {
        const [x, y] = spot(counts, layer, i);
        if (Math.abs(px - x) <= reach && Math.abs(py - y) <= reach) return [layer, i];
      }
    }
    return undefined;
  }

  const leave = () => { pointed = undefined; drawing.again(); };
  sheet.canvas.addEventListener('pointermove', point);
  sheet.canvas.addEventListener('pointerleave', leave);
  return drawing;
}

const subscripted = (text: string) => text.trim().replace(/(?<=x)\d/g, (d) => SUBSCRIPT[Number(d)]!);

/** The names that a frame has, counted on from the last: w0 also finds w1 and w2. */
function counted(frame: Frame, named: readonly string[]): string[] {
  const names = [...named];
  const [, stem, number] = /^(.*?)(\d+)$/.exec(names.at(-1) ?? '') ?? [];
  for (let i = Number(number) + 1; stem !== undefined && frame.arrays.has(`${stem}${i}`); i++) names.push(`${stem}${i}`);
  return names;
}
