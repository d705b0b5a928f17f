import { show } from '../number';
import { css, signColour } from '../palette';
import type { Frame } from '../wire';
import { Drawing } from './drawing';
import { SANS } from './ink';
import { Sheet } from './sheet';
import { array, type Context, type Declaration, type View } from './view';

export interface BarsDeclaration extends Declaration {
  readonly values: string;
  readonly labels?: readonly string[];
  readonly low?: number;
  readonly high?: number;
  readonly signed?: boolean;
}

/** A few named numbers as bars that lie, the greatest set off. */
export function bars(element: HTMLElement, { view, dark }: Context<BarsDeclaration>): View {
  const row = 23;
  const sheet = new Sheet(element, dark, () => (view.labels?.length || 10) * row + 6, view.title ?? 'Bars', Infinity, false);
  const drawing = new Drawing(sheet, draw);

  function draw(frame: Frame): void {
    const found = array(frame, view.values);
    if (!found || sheet.width < 80) return;
    const values = Array.from(found.data);
    const g = sheet.clear();
    const best = values.indexOf(Math.max(...values));
    const high = view.high ?? Math.max(...values.map(Math.abs), 1e-9);
    g.font = `13px ${SANS}`;
    const names = values.map((_, i) => view.labels?.[i] ?? String(i));
    const left = Math.max(...names.map((n) => g.measureText(n).width)) + 10;
    values.forEach((v, i) => bar(g, names[i]!, v, i, { left, high, best: i === best }));
    sheet.summarise(() => `The greatest is ${names[best]} with ${show(values[best]!)}.`);
  }

  function bar(g: CanvasRenderingContext2D, name: string, v: number, i: number, to: { left: number; high: number; best: boolean }): void {
    const y = 3 + i * row;
    const full = sheet.width - to.left - 58;
    g.textBaseline = 'middle';
    g.textAlign = 'right';
    g.fillStyle = to.best ? sheet.ink.ink : sheet.ink.muted;
    g.font = `${to.best ? 650 : 400} 13px ${SANS}`;
    g.fillText(name, to.left - 8, y + row / 2);
    g.fillStyle = sheet.ink.line;
    g.fillRect(to.left, y + 4, full, row - 8);
    g.fillStyle = view.signed ? css(signColour(v, sheet.ink.dark)) : to.best ? sheet.ink.ink : sheet.ink.muted;
    g.fillRect(to.left, y + 4, full * Math.min(1, Math.abs(v) / to.high), row - 8);
    g.textAlign = 'left';
    g.fillStyle = to.best ? sheet.ink.ink : sheet.ink.muted;
    g.fillText(Math.abs(v) < 5e-4 ? '0' : show(v, 2), to.left + full + 8, y + row / 2);
  }

  return drawing;
}
