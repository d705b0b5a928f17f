import { pack, table, type Scale } from '../palette';
import type { Numbers } from '../wire';

/** A small picture made from numbers through a table of colours. Row 0 is at the top, or at the bottom if `up`. */
export class Pixels {
  readonly canvas = document.createElement('canvas');
  private g: CanvasRenderingContext2D | null = null;
  private picture: ImageData | null = null;
  private words: Uint32Array = new Uint32Array(0);

  private size(width: number, height: number): void {
    if (this.picture?.width === width && this.picture.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.g = this.canvas.getContext('2d');
    this.picture = this.g?.createImageData(width, height) ?? null;
    this.words = this.picture ? new Uint32Array(this.picture.data.buffer) : new Uint32Array(0);
  }

  paint(data: Numbers, width: number, height: number, to: { scale: Scale; dark: boolean; up?: boolean; level?: (v: number) => number }): HTMLCanvasElement {
    this.size(width, height);
    if (!this.g || !this.picture) return this.canvas;
    const colours = table(to.scale, to.dark);
    const level = to.level;
    for (let row = 0; row < height; row++) {
      const from = row * width;
      const into = (to.up ? height - 1 - row : row) * width;
      for (let i = 0; i < width; i++) {
        const v = data[from + i]!;
        // What is no number is nothing: the page shows through.
        this.words[into + i] = v === v ? colours[level ? level(v) : v]! : 0;
      }
    }
    this.g.putImageData(this.picture, 0, 0);
    return this.canvas;
  }

  /** Red, green and blue from 0 to 255 for each pixel, as photographs are. */
  colours(data: Numbers, width: number, height: number): HTMLCanvasElement {
    this.size(width, height);
    if (!this.g || !this.picture) return this.canvas;
    for (let i = 0; i < width * height; i++) this.words[i] = pack([data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!]);
    this.g.putImageData(this.picture, 0, 0);
    return this.canvas;
  }
}

/** From a number between low and high to one of 256 levels. */
export function levels(low: number, high: number, log = false): (v: number) => number {
  if (log) {
    const [from, span] = [Math.log(low), Math.log(high / low) || 1];
    return (v) => Math.min(255, Math.max(0, ((Math.log(v) - from) / span) * 255)) | 0;
  }
  const factor = 255.999 / (high - low || 1);
  return (v) => Math.min(255, Math.max(0, (v - low) * factor)) | 0;
}

/** The least and greatest finite numbers. */
export function extent(data: Numbers): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const v of data) {
    if (v < low) low = v;
    if (v > high && v !== Infinity) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** A short word that other numbers hardly share: to see that nothing has to be drawn anew. */
export function mark(data: Numbers): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return `${data.length}.${hash >>> 0}`;
}
