import { describe, expect, it } from 'vitest';
import { pointsFrom } from '../src/lab/points';
import { duration, parseNumber, show } from '../src/number';
import { along } from '../src/views/scatter';
import { linearTicks, logTicks } from '../src/views/ticks';

describe('a number for people', () => {
  it.each([
    [0, '0'], [0.1 + 0.2, '0.3'], [-2, '−2'], [2017.37, '2\u202f017'], [1.66e8, '1.66·10⁸'], [1e-7, '1·10⁻⁷'], [2.3535e-7, '2.35·10⁻⁷'], [999.96, '1000'],
    [Infinity, '∞'], [NaN, 'not a number'], [123456, '123\u202f456'], [12345.6, '12\u202f346'],
  ])('%d is %s', (v, text) => expect(show(v)).toBe(text));

  it('tells time in the unit that fits', () => {
    expect([0.4, 12.3, 600, 7260].map(duration)).toEqual(['400 ms', '12 s', '10 min', '2 h 1 min']);
  });
});

describe('what people type as a number', () => {
  it.each([['1e-6', 1e-6], ['0,5', 0.5], ['2·10-7', 2e-7], ['10^-3', 1e-3], [' 799 ', 799]])('%s', (text, value) => {
    expect(parseNumber(text)).toBeCloseTo(value, 12);
  });
  it.each(['', 'high', '-1', '0', '1e999'])('%s is none', (text) => expect(parseNumber(text)).toBeNull());
});

describe('ticks', () => {
  it.each([[0, 1], [-3, 3], [0.572, 0.575], [1e5, 9e5]])('are round and inside %d to %d', (low, high) => {
    const ticks = linearTicks(low, high);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(9);
    for (const t of ticks) expect(t >= low - 1e-9 && t <= high + 1e-9).toBe(true);
  });
  it('are powers of ten on a logarithmic axis', () => {
    expect(logTicks(0.5, 2e4)).toEqual([1, 10, 100, 1000, 10000]);
  });
});

describe('points of one’s own', () => {
  it('come from lines of x, y, label, a heading aside', () => {
    expect(pointsFrom('x,y,label\n1, 2,1\n-3;0.5;-1\n\nbad,line')).toEqual([{ x: 1, y: 2, label: 1 }, { x: -3, y: 0.5, label: -1 }]);
  });
  it('may be labelled 0 and 1', () => {
    expect(pointsFrom('0,0,0\n1,1,1').map((p) => p.label)).toEqual([-1, 1]);
  });
});

describe('a line of points', () => {
  it('has a height everywhere, beyond its ends too', () => {
    const model = [[0, 1], [2, 5]];
    expect([-1, 0, 1, 2, 3].map((x) => along(model, x))).toEqual([-1, 1, 3, 5, 7]);
  });
});
