import { describe, expect, it } from 'vitest';
import { extent, levels, mark } from '../src/views/pixels';

describe('the mark of numbers', () => {
  const points = Float32Array.from({ length: 450 }, (_, i) => Math.sin(i));

  it('stays as long as they do', () => {
    expect(mark(points)).toBe(mark(points.slice()));
  });

  it('changes with any of them, and with how many there are', () => {
    for (const i of [0, 17, 449]) {
      const moved = points.slice();
      moved[i]! += 1e-3;
      expect(mark(moved)).not.toBe(mark(points));
    }
    expect(mark(points.subarray(1))).not.toBe(mark(points));
    expect(mark(points.subarray(0, 449))).not.toBe(mark(points));
    expect(mark(new Float32Array(0))).not.toBe(mark(new Float32Array(1)));
  });
});

describe('levels of colour', () => {
  it('go from 0 to 255 between the ends, and no farther', () => {
    const level = levels(-1, 1);
    expect([-9, -1, 0, 1, 9].map(level)).toEqual([0, 0, 127, 255, 255]);
    const log = levels(1, 1e4, true);
    expect([1, 100, 1e4].map(log)).toEqual([0, 127, 255]);
  });

  it('have ends though a number is none', () => {
    expect(extent(Float32Array.of(NaN, 2, Infinity, -1))).toEqual([-1, 2]);
    expect(extent(new Float32Array(0))).toEqual([0, 1]);
  });
});
