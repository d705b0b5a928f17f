import { show } from '../number';
import { table, type Scale } from '../palette';
import type { Box } from './axes';
import { SANS } from './ink';
import type { Sheet } from './sheet';

/** A bar beside `box` that says which number has which colour. */
export function colourBar(g: CanvasRenderingContext2D, sheet: Sheet, box: Box, scale: Scale, ends: { low: number; high: number; log?: boolean }): void {
  const strip = document.createElement('canvas');
  strip.width = 1;
  strip.height = 256;
  const pixels = strip.getContext('2d');
  if (!pixels) return;
  const picture = pixels.createImageData(1, 256);
  new Uint32Array(picture.data.buffer).set(table(scale, sheet.ink.dark).slice().reverse());
  pixels.putImageData(picture, 0, 0);
  const x = box.left + box.width + 10;
  g.drawImage(strip, x, box.top, 9, box.height);
  g.strokeStyle = sheet.ink.line;
  g.lineWidth = 1;
  g.strokeRect(x + 0.5, box.top + 0.5, 8, box.height - 1);
  g.font = `11px ${SANS}`;
  g.fillStyle = sheet.ink.muted;
  g.textAlign = 'left';
  const middle = ends.log ? Math.sqrt(ends.low * ends.high) : (ends.low + ends.high) / 2;
  for (const [v, y, baseline] of [[ends.high, 0, 'top'], [middle, 0.5, 'middle'], [ends.low, 1, 'bottom']] as const) {
    g.textBaseline = baseline;
    g.fillText(show(v, 2), x + 14, box.top + y * box.height);
  }
}
