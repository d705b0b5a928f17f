import type { RunEvent } from '../api';
import type { Frame, FrameArray } from '../wire';
import type { CurveDeclaration } from '../views/curve';
import { words } from './metrics';

const BATCH = 'loss of each batch';

export type Points = [step: number, value: number][];

/** Every number that a run recorded, over its steps: the loss of batches, and what was measured after each epoch. */
export function curvesOf(events: readonly RunEvent[]): Map<string, Points> {
  const found = new Map<string, Points>();
  const add = (name: string, step: unknown, value: unknown) => {
    if (typeof step !== 'number' || typeof value !== 'number') return;
    const points = found.get(name);
    if (points) points.push([step, value]);
    else found.set(name, [[step, value]]);
  };
  for (const event of events) {
    if (event.event === 'step') add(BATCH, event.step, event.loss);
    if (event.event === 'epoch') for (const [name, value] of Object.entries((event.metrics ?? {}) as Record<string, unknown>)) add(name, event.step, value);
  }
  return found;
}

/** Losses on one chart, everything else on another: their scales differ. */
export const isLoss = (name: string) => /loss|error|cost/.test(name);

export interface Named { run: string; curves: Map<string, Points> }

/** A chart of the curves that `wanted` picks, of one run, or of two without the noise of their batches. */
export function chart(runs: readonly Named[], wanted: (name: string) => boolean, title: string): { view: CurveDeclaration; frame: Frame } | null {
  const lines = runs.flatMap(({ run, curves }) => [...curves].filter(([name, points]) => wanted(name) && points.length > 1 && !(runs.length > 1 && name === BATCH)).map(([name, points]) => ({ run, name, points })));
  if (!lines.length) return null;
  const series = lines.map(({ run, name }, i) => ({ name: `line${i}`, label: runs.length > 1 ? `${words(name)}, ${run}` : words(name), ...(name === BATCH ? { faint: true } : {}) }));
  const step = Math.max(...lines.map((l) => l.points.at(-1)?.[0] ?? 0));
  const arrays = new Map(lines.map(({ points }, i) => [`line${i}`, asArray(points)]));
  return { view: { kind: 'curve', name: title, title, series, x_label: 'step' }, frame: { seq: 0, t: 0, step, arrays, values: {} } };
}

const asArray = (points: Points): FrameArray => ({ shape: [points.length, 2], data: Float32Array.from(points.flat()) });

/** What an epoch is told as: "3 of 10". */
export function progress(events: readonly RunEvent[]): string {
  const start = events.findLast((e) => e.event === 'start');
  const epoch = events.findLast((e) => e.event === 'epoch');
  if (!start) return '';
  const of = typeof start.epochs === 'number' ? ` of ${start.epochs}` : '';
  return `epoch ${typeof epoch?.epoch === 'number' ? epoch.epoch : 0}${of}`;
}
