import { describe, expect, it } from 'vitest';
import { diverging, grey, pack, sequential, table, type Rgb } from '../src/palette';

const lightness = ([r, g, b]: Rgb) => {
  const linear = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
};

describe('the diverging scale', () => {
  it.each([true, false])('fades into the page at zero (dark: %s)', (dark) => {
    expect(diverging(0, dark)).toEqual(dark ? [30, 35, 44] : [247, 246, 242]);
  });

  it('is orange below zero and blue above, on both themes', () => {
    for (const dark of [true, false]) {
      const [low, high] = [diverging(-1, dark), diverging(1, dark)];
      expect(low[0]).toBeGreaterThan(low[2] + 100);
      expect(high[2]).toBeGreaterThan(high[0] + 100);
    }
  });

  it('grows away from the page with the size of the number, and stops at its ends', () => {
    const distances = [0, 0.1, 0.3, 0.6, 1].map((v) => Math.hypot(...diverging(v, false).map((c, i) => c - diverging(0, false)[i]!)));
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(new Set(distances).size).toBe(5);
    expect(diverging(9, false)).toEqual(diverging(1, false));
  });
});

describe('the sequential scale', () => {
  it('becomes lighter all the way', () => {
    const shades = Array.from({ length: 101 }, (_, i) => lightness(sequential(i / 100)));
    for (let i = 1; i < shades.length; i++) expect(shades[i]).toBeGreaterThan(shades[i - 1]! - 1e-9);
    expect(shades.at(-1)! - shades[0]!).toBeGreaterThan(0.6);
  });
});

describe('a table', () => {
  it('holds the 256 colours of its scale as pixels of an ImageData', () => {
    for (const i of [0, 17, 128, 255]) {
      const bytes = new Uint8Array(table('diverging', false).slice(i, i + 1).buffer);
      expect([...bytes]).toEqual([...diverging(2 * (i / 255) - 1, false), 255]);
    }
    expect(table('grey', true)[51]).toBe(pack(grey(0.2)));
  });

  it('is made once', () => {
    expect(table('sequential', true)).toBe(table('sequential', true));
    expect(table('diverging', true)).not.toBe(table('diverging', false));
  });
});
