/** Round places for the numbers on an axis. */

export function linearTicks(low: number, high: number, about = 5): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(low) ? [low] : [];
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((s) => s * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function logTicks(low: number, high: number, about = 5): number[] {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const decades = to - from + 1;
  if (decades < 2) return withinDecade(low, high, about);
  const every = Math.ceil(decades / about);
  return Array.from({ length: decades }, (_, i) => from + i).filter((e) => (e - from) % every === 0).map((e) => 10 ** e);
}

function withinDecade(low: number, high: number, about: number): number[] {
  const base = 10 ** Math.floor(Math.log10(low));
  const steps = [1, 2, 5, 10, 20, 50].map((s) => s * base).filter((v) => v >= low && v <= high);
  return steps.length >= 2 ? steps : linearTicks(low, high, about);
}

/** A little room around the data; a flat line gets room too. */
export function padded(low: number, high: number, share = 0.06): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const span = high - low || Math.abs(high) || 1;
  return [low - span * share, high + span * share];
}
