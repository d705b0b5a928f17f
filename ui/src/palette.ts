/**
 * Colours of data. One meaning per hue in the whole studio: blue is positive or class 1, orange is negative or
 * class 0. The chrome uses neither. A table of 256 packed pixels makes painting a picture one look-up a pixel.
 */

export type Rgb = readonly [number, number, number];

const NEGATIVE: Rgb = [232, 119, 34];
const POSITIVE: Rgb = [31, 111, 178];
const NEUTRAL = { light: [247, 246, 242] as Rgb, dark: [30, 35, 44] as Rgb };

/** Ends of the diverging scale for thin lines, which need more contrast with the page than areas do. */
const LINE = {
  light: { negative: [217, 101, 15] as Rgb, positive: POSITIVE },
  dark: { negative: [240, 145, 70] as Rgb, positive: [76, 156, 224] as Rgb },
};

/** Sequential, even in lightness from dark violet to yellow (after the idea of viridis, own anchors). */
const SEQUENTIAL: readonly Rgb[] = [
  [62, 20, 84], [69, 50, 121], [60, 80, 138], [48, 106, 142], [38, 130, 142],
  [33, 153, 136], [52, 177, 118], [104, 199, 88], [168, 216, 54], [249, 228, 52],
];

export const css = ([r, g, b]: Rgb, alpha = 1) => (alpha === 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`);

const between = (a: Rgb, b: Rgb, s: number): Rgb => [
  Math.round(a[0] + (b[0] - a[0]) * s),
  Math.round(a[1] + (b[1] - a[1]) * s),
  Math.round(a[2] + (b[2] - a[2]) * s),
];

const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));

/** v in [-1, 1]; zero is the colour of the page, so that nothing shows as nothing. */
export function diverging(v: number, dark: boolean): Rgb {
  const end = v < 0 ? NEGATIVE : POSITIVE;
  return between(NEUTRAL[dark ? 'dark' : 'light'], end, clamp(Math.abs(v), 0, 1) ** 0.8);
}

/** v in [0, 1]. */
export function sequential(v: number): Rgb {
  const place = clamp(v, 0, 1) * (SEQUENTIAL.length - 1);
  const i = Math.min(Math.floor(place), SEQUENTIAL.length - 2);
  return between(SEQUENTIAL[i]!, SEQUENTIAL[i + 1]!, place - i);
}

/** v in [0, 1]: black to white, as pixels are. */
export const grey = (v: number): Rgb => {
  const level = Math.round(clamp(v, 0, 1) * 255);
  return [level, level, level];
};

export const signColour = (v: number, dark: boolean): Rgb => LINE[dark ? 'dark' : 'light'][v < 0 ? 'negative' : 'positive'];

export type Scale = 'diverging' | 'sequential' | 'grey';
export type Table = Uint32Array;

const colourOf: Record<Scale, (v: number, dark: boolean) => Rgb> = {
  diverging: (v, dark) => diverging(2 * v - 1, dark),
  sequential: (v) => sequential(v),
  grey: (v) => grey(v),
};

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

export function pack([r, g, b]: Rgb): number {
  return (littleEndian ? (255 << 24) | (b << 16) | (g << 8) | r : (r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
}

const tables = new Map<string, Table>();

/** 256 packed pixels from the low to the high end of a scale. */
export function table(scale: Scale, dark: boolean): Table {
  const key = `${scale}/${dark}`;
  let made = tables.get(key);
  if (!made) {
    made = Uint32Array.from({ length: 256 }, (_, i) => pack(colourOf[scale](i / 255, dark)));
    tables.set(key, made);
  }
  return made;
}

/** Hues for curves that stand for no class and no sign; each also has a dash, so colour is never alone. */
export const CURVES = {
  light: ['#1d2430', '#00795b', '#a8457f', '#6d6a00'],
  dark: ['#e6e4dd', '#45c79d', '#e39ac4', '#cfc94f'],
} as const;
export const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [9, 3, 2, 3]];
