import type { ShownLayer } from '../api';
import type { Value } from '../wire';

/** The numbers of a layer at the time that is looked at; null where there is none. */
export interface Reading {
  layer: ShownLayer;
  mean: number | null;
  std: number | null;
  zeros: number | null;
  dead: number | null;
  nonfinite: number | null;
  norm: number | null;
  gradient: number | null;
  moved: number | null;
}

/** The layers with their numbers, which a frame lists in this order. */
export function readings(layers: readonly ShownLayer[], rows: Value | undefined): Reading[] {
  const numbers = (Array.isArray(rows) ? rows : []) as (number | null)[][];
  return layers.map((layer, i) => {
    const [mean = null, std = null, zeros = null, dead = null, nonfinite = null, norm = null, gradient = null, moved = null] = numbers[i] ?? [];
    return { layer, mean, std, zeros, dead, nonfinite, norm, gradient, moved };
  });
}

/** What is wrong with a layer, in a few words; "" where nothing is. */
export function warning({ nonfinite, dead, layer }: Reading): string {
  if (nonfinite) return `${nonfinite.toLocaleString('en')} outputs are no numbers`;
  if (dead !== null && dead >= 0.5 && layer.called) return dead === 1 ? 'every unit is dead' : `${Math.round(100 * dead)} % of its units are dead`;
  return '';
}
