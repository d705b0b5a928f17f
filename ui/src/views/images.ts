import { show } from '../number';
import type { Scale } from '../palette';
import type { Frame } from '../wire';
import { SANS } from './ink';
import { extent, levels, Pixels } from './pixels';
import { Sheet } from './sheet';
import { array, type Context, type Declaration, type View } from './view';

export interface ImagesDeclaration extends Declaration {
  readonly values: string;
  readonly labels?: readonly string[];
  readonly scale?: Scale;
  readonly low?: number;
  readonly high?: number;
  readonly columns?: number;
}

/** Pictures in rows: inputs, kernels, feature maps. Pixels stay square and sharp. */
export function images(element: HTMLElement, { view, dark }: Context<ImagesDeclaration>): View {
  let shape: readonly number[] = [1, 1, 1];
  const pixels: Pixels[] = [];
  let last: Frame | undefined;

  const caption = () => (view.labels?.length ? 18 : 0);
  function grid(width: number): { columns: number; side: number; rows: number } {
    const count = Math.max(1, shape[0] ?? 1);
    const wide = (shape[2] ?? 1) > 1.5 * (shape[1] ?? 1);
    const columns = view.columns ?? Math.min(count, Math.max(1, Math.floor(width / (count > 12 ? 60 : 84))));
    return { columns, side: Math.min((width + 6) / columns - 6, count > 1 ? 150 : wide ? 560 : 220), rows: Math.ceil(count / columns) };
  }
  function heightFor(width: number): number {
    const { side, rows } = grid(width);
    return Math.max(24, rows * (tall(side) + 6 + caption()));
  }
  const tall = (side: number) => (side * (shape[1] ?? 1)) / (shape[2] || 1);

  const sheet = new Sheet(element, dark, (w) => heightFor(w), view.title ?? 'Pictures');

  function draw(frame: Frame): void {
    const found = array(frame, view.values);
    if (!found || found.shape.length !== 3) return;
    if (found.shape.join() !== shape.join()) {
      shape = found.shape;
      sheet.fit();
    }
    const [count = 0, h = 0, w = 0] = found.shape;
    const { columns, side } = grid(sheet.width);
    const { scale, level } = colouring(found.data);
    const g = sheet.clear();
    g.imageSmoothingEnabled = false;
    for (let i = 0; i < count; i++) {
      const [x, y] = [(i % columns) * (side + 6), Math.floor(i / columns) * (tall(side) + 6 + caption())];
      const picture = (pixels[i] ??= new Pixels()).paint(found.data.subarray(i * h * w, (i + 1) * h * w), w, h, { scale, dark: sheet.ink.dark, ...(level ? { level } : {}) });
      g.drawImage(picture, x, y, side, tall(side));
      g.strokeStyle = sheet.ink.line;
      g.strokeRect(x + 0.5, y + 0.5, side - 1, tall(side) - 1);
      label(g, view.labels?.[i], x, y + tall(side) + 4);
    }
    sheet.summarise(() => summary(count, h, w, found.data));
  }

  function colouring(data: Float32Array | Uint8Array | Int32Array): { scale: Scale; level?: (v: number) => number } {
    if (data instanceof Uint8Array) return { scale: view.scale ?? 'grey' };
    const [low, high] = extent(data);
    const scale = view.scale ?? (low < 0 ? 'diverging' : 'grey');
    const most = Math.max(-low, high) || 1;
    return { scale, level: scale === 'diverging' ? levels(view.low ?? -most, view.high ?? most) : levels(view.low ?? low, view.high ?? high) };
  }

  function label(g: CanvasRenderingContext2D, text: string | undefined, x: number, y: number): void {
    if (!text) return;
    g.font = `12px ${SANS}`;
    g.fillStyle = sheet.ink.muted;
    g.textAlign = 'left';
    g.textBaseline = 'top';
    g.fillText(text, x, y);
  }

  function summary(count: number, h: number, w: number, data: Float32Array | Uint8Array | Int32Array): string {
    const [low, high] = extent(data);
    return `${count} ${count === 1 ? 'picture' : 'pictures'} of ${h} by ${w} numbers from ${show(low)} to ${show(high)}.`;
  }

  return {
    frame: (frame) => draw((last = frame)),
    theme: (now) => { sheet.theme(now); if (last) draw(last); },
    resize: () => { if (sheet.fit() && last) draw(last); },
    destroy: () => sheet.canvas.remove(),
  };
}
