import { show } from '../number';
import { table, type Scale } from '../palette';
import type { Frame, Numbers } from '../wire';
import { Drawing } from './drawing';
import { SANS } from './ink';
import { extent, levels, Pixels } from './pixels';
import { Sheet } from './sheet';
import { array, type Context, type Declaration, type View } from './view';

export interface ImagesDeclaration extends Declaration {
  /** An array (m, h, w), or (m, h, w, 3) of colours. */
  readonly values: string;
  readonly labels?: readonly string[];
  /** The value that lists the labels, where they change from frame to frame. */
  readonly captions?: string;
  readonly scale?: Scale;
  readonly low?: number;
  readonly high?: number;
  readonly columns?: number;
  /** Whether to say which number has which colour. */
  readonly legend?: boolean;
  /** Sent with the number of the picture that the reader clicks on. */
  readonly event?: string;
  /** The value that says which picture is chosen. */
  readonly chosen?: string;
}

const GAP = 6;
const LEGEND = 30;
// A picture by itself, of a few numbers or of a long column of them.
const [WIDEST, HIGHEST] = [28, 360];

/** Pictures in rows: inputs, kernels, feature maps. Pixels stay square and sharp. */
export function images(element: HTMLElement, { view, dark, send }: Context<ImagesDeclaration>): View {
  let shape: readonly number[] = [1, 1, 1];
  const pixels: Pixels[] = [];

  const caption = () => (view.labels?.length || view.captions ? 20 : 0);
  function grid(width: number): { columns: number; side: number; rows: number } {
    const count = Math.max(1, shape[0] ?? 1);
    const wide = (shape[2] ?? 1) > 1.5 * (shape[1] ?? 1);
    const columns = view.columns ?? Math.min(count, Math.max(1, Math.floor(width / (count > 40 ? 38 : count > 12 ? 60 : 84))));
    const most = count > 1 ? 150 : Math.min(wide ? 560 : 220, WIDEST * (shape[2] ?? 1), (HIGHEST * (shape[2] ?? 1)) / (shape[1] || 1));
    return { columns, side: Math.min((width + GAP) / columns - GAP, most), rows: Math.ceil(count / columns) };
  }
  function heightFor(width: number): number {
    const { side, rows } = grid(width);
    return Math.max(24, rows * (tall(side) + GAP + caption())) + (view.legend ? LEGEND : 0);
  }
  const tall = (side: number) => (side * (shape[1] ?? 1)) / (shape[2] || 1);
  const corner = (i: number, columns: number, side: number): [number, number] => [(i % columns) * (side + GAP), Math.floor(i / columns) * (tall(side) + GAP + caption())];

  const sheet = new Sheet(element, dark, (w) => heightFor(w), view.title ?? 'Pictures', Infinity, false);
  const drawing = new Drawing(sheet, draw);

  function draw(frame: Frame): void {
    const found = array(frame, view.values);
    if (!found || found.shape.length < 3) return;
    if (found.shape.join() !== shape.join()) {
      shape = found.shape;
      sheet.fit();
    }
    const [count = 0, h = 0, w = 0, depth = 1] = found.shape;
    const { columns, side } = grid(sheet.width);
    const { scale, ends } = colouring(found.data);
    const level = ends ? levels(...ends) : undefined;
    const labels = view.captions ? (frame.values[view.captions] as unknown as readonly string[] | undefined) : view.labels;
    const g = sheet.clear();
    g.imageSmoothingEnabled = false;
    for (let i = 0; i < count; i++) {
      const [x, y] = corner(i, columns, side);
      const part = found.data.subarray(i * h * w * depth, (i + 1) * h * w * depth);
      const place = (pixels[i] ??= new Pixels());
      const picture = depth === 3 ? place.colours(part, w, h) : place.paint(part, w, h, { scale, dark: sheet.ink.dark, ...(level ? { level } : {}) });
      g.drawImage(picture, x, y, side, tall(side));
      rim(g, x, y, side, view.chosen !== undefined && frame.values[view.chosen] === i);
      label(g, labels?.[i], x, y + tall(side) + 4, side);
    }
    if (view.legend && ends) legend(g, scale, ends);
    sheet.summarise(() => summary(count, h, w, found.data, labels));
  }

  function colouring(data: Numbers): { scale: Scale; ends?: [number, number] } {
    if (data instanceof Uint8Array) return { scale: view.scale ?? 'grey' };
    const [low, high] = extent(data);
    const scale = view.scale ?? (low < 0 ? 'diverging' : 'grey');
    const most = Math.max(-low, high) || 1;
    return { scale, ends: scale === 'diverging' ? [view.low ?? -most, view.high ?? most] : [view.low ?? low, view.high ?? high] };
  }

  function rim(g: CanvasRenderingContext2D, x: number, y: number, side: number, chosen: boolean): void {
    g.strokeStyle = chosen ? sheet.ink.accent : sheet.ink.line;
    g.lineWidth = chosen ? 3 : 1;
    const inset = g.lineWidth / 2;
    g.strokeRect(x + inset, y + inset, side - 2 * inset, tall(side) - 2 * inset);
    g.lineWidth = 1;
  }

  function label(g: CanvasRenderingContext2D, text: string | undefined, x: number, y: number, side: number): void {
    if (!text) return;
    const wrong = text.startsWith('✗');
    g.font = `${wrong ? 650 : 450} 12.5px ${SANS}`;
    g.fillStyle = wrong ? sheet.ink.ink : sheet.ink.muted;
    g.textAlign = 'left';
    g.textBaseline = 'top';
    g.fillText(text, x, y, side);
  }

  /** A strip of the colours with the numbers at its ends. */
  function legend(g: CanvasRenderingContext2D, scale: Scale, [low, high]: [number, number]): void {
    const strip = new Pixels().paint(Uint8Array.from({ length: table(scale, sheet.ink.dark).length }, (_, i) => i), 256, 1, { scale, dark: sheet.ink.dark });
    const [left, top, width] = [0, sheet.height - LEGEND + 8, Math.min(180, sheet.width)];
    g.imageSmoothingEnabled = true;
    g.drawImage(strip, left, top, width, 7);
    g.strokeStyle = sheet.ink.line;
    g.strokeRect(left + 0.5, top + 0.5, width - 1, 6);
    g.font = `11px ${SANS}`;
    g.fillStyle = sheet.ink.muted;
    g.textBaseline = 'top';
    for (const [v, x, align] of [[low, left, 'left'], [(low + high) / 2, left + width / 2, 'center'], [high, left + width, 'right']] as const) {
      g.textAlign = align;
      g.fillText(show(v, 2), x, top + 10);
    }
  }

  function summary(count: number, h: number, w: number, data: Numbers, labels: readonly string[] | undefined): string {
    const [low, high] = extent(data);
    const told = labels?.length ? ` They read ${labels.join(', ')}.` : '';
    return `${count} ${count === 1 ? 'picture' : 'pictures'} of ${h} by ${w} numbers from ${show(low)} to ${show(high)}.${told}`;
  }

  function click(event: MouseEvent): void {
    const { columns, side } = grid(sheet.width);
    const [px, py] = sheet.place(event);
    const i = Math.floor(py / (tall(side) + GAP + caption())) * columns + Math.floor(px / (side + GAP));
    if (view.event && i >= 0 && i < (shape[0] ?? 0)) send(view.event, i);
  }

  if (view.event) {
    sheet.canvas.classList.add('takes-picks');
    sheet.canvas.addEventListener('click', click);
  }
  return drawing;
}
