import { steady } from '../number';

/** The words of a name in a run: "test accuracy". */
export const words = (name: string) => name.replaceAll('_', ' ');

/** A metric as the terminal tells it: accuracies in per cent. */
export function told(name: string, value: unknown): string {
  if (typeof value !== 'number') return value === null || value === undefined ? 'not measured' : String(value);
  return name.endsWith('accuracy') ? `${(100 * value).toFixed(2)} %` : steady(value);
}

/** Which of two runs did better in a metric; none where the metric does not say what is better. */
export function better(name: string, a: unknown, b: unknown): 'a' | 'b' | null {
  if (typeof a !== 'number' || typeof b !== 'number' || a === b) return null;
  if (name.endsWith('accuracy')) return a > b ? 'a' : 'b';
  return name.endsWith('loss') ? (a < b ? 'a' : 'b') : null;
}

/** The names whose values differ between two records, those of the first one first. */
export const differing = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
