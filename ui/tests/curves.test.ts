import { expect, it } from 'vitest';
import { chart, curvesOf, isLoss, progress } from '../src/runs/curves';
import { matches } from '../src/shell/commands';

const events = [
  { event: 'start', epochs: 3, steps_per_epoch: 2 },
  { event: 'step', step: 1, epoch: 1, loss: 2.5, lr: 0.1 },
  { event: 'step', step: 2, epoch: 1, loss: 'nan', lr: 0.1 },
  { event: 'epoch', epoch: 1, step: 2, metrics: { validation_accuracy: 0.5, train_loss: 2 }, seconds: 1 },
];
const later = [...events, { event: 'step', step: 3, epoch: 2, loss: 2, lr: 0.1 }, { event: 'epoch', epoch: 2, step: 4, metrics: { validation_accuracy: 0.75, train_loss: 1 }, seconds: 1 }];

it('the curves of a run hold every recorded number, and nothing that is none', () => {
  const curves = curvesOf(events);
  expect(curves.get('loss of each batch')).toEqual([[1, 2.5]]);
  expect(curves.get('validation_accuracy')).toEqual([[2, 0.5]]);
  expect(progress(events)).toBe('epoch 1 of 3');
});

it('a chart of two runs names each, and leaves the noise of their batches out', () => {
  const curves = curvesOf(later);
  const two = [{ run: 'this run', curves }, { run: 'the other', curves }];
  const made = chart(two, (n) => !isLoss(n), 'Accuracy');
  expect(made?.view.series.map((s) => s.label)).toEqual(['validation accuracy, this run', 'validation accuracy, the other']);
  expect(made?.frame.arrays.get('line1')).toEqual({ shape: [2, 2], data: Float32Array.of(2, 0.5, 4, 0.75) });
  expect(chart(two, isLoss, 'Loss')?.view.series.map((s) => s.label)).toEqual(['train loss, this run', 'train loss, the other']);
  expect(chart(two.slice(1), isLoss, 'Loss')?.view.series.map((s) => s.label)).toEqual(['loss of each batch', 'train loss']);
});

it('a point alone is no line, and nothing is no chart', () => {
  expect(chart([{ run: 'a', curves: curvesOf(events) }], isLoss, 'Loss')).toBeNull();
  expect(chart([], isLoss, 'Nothing')).toBeNull();
});

it('commands are found by every word, beginnings first', () => {
  const all = ['Home', 'Downhill', 'Playground'].map((name) => ({ name, about: name === 'Downhill' ? 'how far down' : '', run: () => {} }));
  expect(matches(all, 'down').map((c) => c.name)).toEqual(['Downhill']);
  expect(matches(all, 'o').map((c) => c.name)).toHaveLength(3);
  expect(matches(all, 'far xyz')).toEqual([]);
});
