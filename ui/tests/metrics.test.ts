import { describe, expect, it } from 'vitest';
import { better, differing, told, words } from '../src/runs/metrics';

describe('a metric in words', () => {
  it('tells accuracies in per cent, as the terminal does', () => {
    expect(told('test_accuracy', 0.929)).toBe('92.90 %');
    expect(told('test_loss', 0.25)).toBe('0.250');
    expect(told('test_accuracy', undefined)).toBe('not measured');
    expect(words('best_test_accuracy')).toBe('best test accuracy');
  });

  it('knows that accuracies are better high and losses low', () => {
    expect(better('test_accuracy', 0.9, 0.8)).toBe('a');
    expect(better('test_loss', 0.9, 0.8)).toBe('b');
    expect(better('test_loss', 0.9, 0.9)).toBeNull();
    expect(better('steps', 1, 2)).toBeNull();
    expect(better('test_loss', undefined, 2)).toBeNull();
  });

  it('finds the names whose values differ', () => {
    expect(differing({ lr: 1, hidden: 16, data: 'digits' }, { lr: 2, hidden: 16, dropout: 0.4 })).toEqual(['lr', 'data', 'dropout']);
  });
});
