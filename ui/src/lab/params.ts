/** Parameters of a lab: sliders and their scales, and the address that remembers them. */

export type ParamValue = number | string | boolean;

export interface Param {
  name: string;
  label: string;
  kind: 'log' | 'real' | 'int' | 'choice' | 'flag' | 'text';
  low?: number;
  high?: number;
  step?: number;
  options?: (string | { value: string; label: string })[];
  default: ParamValue;
  resets?: boolean;
  more?: boolean;
  unit?: string;
  help?: string;
}

export type Values = Record<string, ParamValue>;

export const SLIDES = 1000;
export const VISIBLE = 5;

export const isNumeric = (p: Param) => p.kind === 'log' || p.kind === 'real' || p.kind === 'int';

/** The place of a value on a slider from 0 to SLIDES. */
export function toSlide(p: Param, value: number): number {
  const [low, high] = limits(p);
  const share = p.kind === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.round(Math.min(1, Math.max(0, share)) * SLIDES);
}

/** The value at a place, on the parameter's own grid. */
export function fromSlide(p: Param, place: number): number {
  const [low, high] = limits(p);
  const share = place / SLIDES;
  if (p.kind === 'log') return Number((low * (high / low) ** share).toPrecision(2));
  return onGrid(p, low + (high - low) * share);
}

/** The next value up or down: what an arrow key does. */
export function nudge(p: Param, value: number, direction: 1 | -1): number {
  const [low, high] = limits(p);
  const next = p.kind === 'log' ? value * 10 ** (direction / 20) : value + direction * gridOf(p);
  const kept = Math.min(high, Math.max(low, next));
  return p.kind === 'log' ? Number(kept.toPrecision(2)) : onGrid(p, kept);
}

function limits(p: Param): [number, number] {
  return [p.low ?? 0, p.high ?? 1];
}

function gridOf(p: Param): number {
  const [low, high] = limits(p);
  return p.step ?? (p.kind === 'int' ? 1 : (high - low) / 100);
}

function onGrid(p: Param, value: number): number {
  const [low, high] = limits(p);
  const grid = gridOf(p);
  const kept = low + Math.round((value - low) / grid) * grid;
  return Number(Math.min(high, Math.max(low, kept)).toPrecision(10));
}

/** What the address says, where it says something that the parameter can take. */
export function fromQuery(params: readonly Param[], query: URLSearchParams): Values {
  const found: Values = {};
  for (const p of params) {
    const text = query.get(p.name);
    const value = text === null ? undefined : parse(p, text);
    if (value !== undefined) found[p.name] = value;
  }
  return found;
}

/** Only what differs from the default: short addresses. */
export function toQuery(params: readonly Param[], values: Values): URLSearchParams {
  const query = new URLSearchParams();
  for (const p of params) {
    const value = values[p.name];
    if (value !== undefined && value !== p.default) query.set(p.name, typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
  }
  return query;
}

export function parse(p: Param, text: string): ParamValue | undefined {
  if (p.kind === 'flag') return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : undefined;
  if (p.kind === 'choice') return optionValues(p).includes(text) ? text : undefined;
  if (p.kind === 'text') return text;
  const value = Number(text);
  const [low, high] = [p.low ?? -Infinity, p.high ?? Infinity];
  if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high) return undefined;
  return p.kind === 'int' ? Math.round(value) : value;
}

export const optionValues = (p: Param) => (p.options ?? []).map((o) => (typeof o === 'object' ? o.value : String(o)));
export const optionLabel = (p: Param, value: string) => {
  const option = (p.options ?? []).find((o) => typeof o === 'object' && o.value === value);
  return typeof option === 'object' ? option.label : value;
};

/** At most VISIBLE controls at first; the others wait behind "more". */
export function shared(params: readonly Param[]): { shown: Param[]; more: Param[] } {
  const first = params.filter((p) => !p.more);
  return { shown: first.slice(0, VISIBLE), more: [...first.slice(VISIBLE), ...params.filter((p) => p.more)] };
}
