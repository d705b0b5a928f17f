import { describe, expect, it } from 'vitest';
import { fromQuery, fromSlide, nudge, parse, shared, SLIDES, toQuery, toSlide, type Param } from '../src/lab/params';

const lr: Param = { name: 'lr', label: 'learning rate', kind: 'log', low: 1e-5, high: 10, default: 0.03 };
const noise: Param = { name: 'noise', label: 'noise', kind: 'real', low: 0, high: 0.5, step: 0.05, default: 0 };
const batch: Param = { name: 'batch', label: 'batch', kind: 'int', low: 1, high: 400, default: 10 };
const data: Param = { name: 'data', label: 'data', kind: 'choice', options: ['circle', 'xor'], default: 'circle' };
const x1: Param = { name: 'x1', label: 'x1', kind: 'flag', default: true };
const layers: Param = { name: 'layers', label: 'layers', kind: 'text', default: '4 2' };
const all = [lr, noise, batch, data, x1, layers];

describe('the address', () => {
  it('remembers every value that differs from its default, and gives it back', () => {
    const values = { lr: 0.1, noise: 0.25, batch: 32, data: 'xor', x1: false, layers: '8 8' };
    expect(fromQuery(all, toQuery(all, values))).toEqual(values);
  });

  it('is empty where all is as it was', () => {
    expect(toQuery(all, Object.fromEntries(all.map((p) => [p.name, p.default]))).toString()).toBe('');
  });

  it.each(['lr=0', 'lr=abc', 'lr=', 'lr=11', 'data=moons', 'x1=perhaps', 'batch=401', 'unknown=3'])('does not believe %s', (query) => {
    expect(fromQuery(all, new URLSearchParams(query))).toEqual({});
  });
});

describe('a slider', () => {
  it.each([lr, noise, batch])('gives its ends and comes back to where it was: $kind', (p) => {
    expect(fromSlide(p, 0)).toBeCloseTo(p.low!);
    expect(fromSlide(p, SLIDES)).toBeCloseTo(p.high!);
    for (const place of [0, 137, 500, 883, SLIDES]) {
      const value = fromSlide(p, place);
      expect(fromSlide(p, toSlide(p, value))).toBeCloseTo(value);
    }
  });

  it('stays on the grid of its parameter', () => {
    for (let place = 0; place <= SLIDES; place += 37) {
      const steps = fromSlide(noise, place) / 0.05;
      expect(steps).toBeCloseTo(Math.round(steps));
      expect(Number.isInteger(fromSlide(batch, place))).toBe(true);
    }
  });

  it('moves with every press of an arrow key, until its end', () => {
    for (const p of [lr, noise, batch]) {
      for (let value = Number(p.low), i = 0; i < 2000 && value < p.high!; i++) {
        const next = nudge(p, value, 1);
        expect(next).toBeGreaterThan(value);
        value = next;
      }
      expect(nudge(p, p.high!, 1)).toBe(p.high);
      expect(nudge(p, p.low!, -1)).toBeCloseTo(p.low!);
    }
  });
});

describe('a parameter', () => {
  it('reads what its kind allows', () => {
    expect(parse(batch, '3.4')).toBe(3);
    expect(parse(x1, 'true')).toBe(true);
    expect(parse(layers, '')).toBe('');
  });

  it('is one of five at most that show at first', () => {
    const { shown, more } = shared([...all, { ...x1, name: 'seed', more: true }]);
    expect(shown.map((p) => p.name)).toEqual(['lr', 'noise', 'batch', 'data', 'x1']);
    expect(more.map((p) => p.name)).toEqual(['layers', 'seed']);
  });
});
