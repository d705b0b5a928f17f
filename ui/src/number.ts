/** Numbers for people: few digits, no noise, thin groups. */

const MINUS = '−';

export function show(v: number, digits = 3): string {
  if (Number.isNaN(v)) return 'not a number';
  if (!Number.isFinite(v)) return v > 0 ? '∞' : `${MINUS}∞`;
  if (v === 0) return '0';
  const size = Math.abs(v);
  const sign = v < 0 ? MINUS : '';
  if (size >= 1e7 || size < 1e-4) return sign + power(size, digits);
  if (size >= 1000) return sign + group(size >= 1e4 ? Math.round(size) : Number(size.toPrecision(Math.max(digits, 4))));
  return sign + String(Number(size.toPrecision(digits)));
}

/** The same width while it changes: a fixed number of places after the point. */
export function steady(v: number): string {
  const size = Math.abs(v);
  if (!Number.isFinite(v) || size >= 100 || (size < 1e-3 && size > 0)) return show(v);
  return (v < 0 ? MINUS : '') + size.toFixed(size >= 10 ? 2 : 3);
}

function power(size: number, digits: number): string {
  const [mantissa = '', exponent = ''] = size.toExponential(digits - 1).split('e');
  return `${Number(mantissa)}·10${superscript(Number(exponent))}`;
}

const superscript = (n: number) =>
  String(n).replace(/[-\d]/g, (c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]!));

const group = (v: number) => String(v).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\u202f');

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${show(seconds, 2)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1e-6", "0,5" and "2·10-7" are all numbers above 0 that people type. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('−', '-').replace(/\s*[·x*×]\s*10\^?/, 'e').replace(/^10\^/, '1e');
  const value = Number(plain);
  return plain !== '' && Number.isFinite(value) && value > 0 ? value : null;
}
