import { expect, test } from 'vitest';
import { readings, warning } from '../src/show/readings';

const layer = { name: 'a', kind: 'ReLU()', shape: [3], called: true, parameters: 0 };

test('the numbers of a frame go to their layers', () => {
  const [first, second] = readings([layer, { ...layer, name: 'b' }], [[1, 2, 0.5, 0.25, 0, null, 3, 1e-3]] as never);
  expect(first).toMatchObject({ layer, mean: 1, std: 2, zeros: 0.5, dead: 0.25, nonfinite: 0, norm: null, gradient: 3, moved: 1e-3 });
  expect(second).toMatchObject({ mean: null, moved: null });
  expect(readings([layer], undefined)[0]!.mean).toBeNull();
});

test('what is wrong with a layer is said', () => {
  const fine = readings([layer], [[0, 1, 0.9, 0.4, 0, null, null, null]] as never)[0]!;
  expect(warning(fine)).toBe('');
  expect(warning({ ...fine, dead: 0.6 })).toBe('60 % of its units are dead');
  expect(warning({ ...fine, dead: 1 })).toBe('every unit is dead');
  expect(warning({ ...fine, dead: 1, nonfinite: 1234 })).toBe('1,234 outputs are no numbers');
  expect(warning({ ...fine, dead: 1, layer: { ...layer, called: false } })).toBe('');
});
