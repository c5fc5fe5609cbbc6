import { expect, test } from 'vitest';
import { errorStatistics, tailOf } from '../../../../tools/bench/truth/error-statistics.ts';

test('a hundred errors from 1 to 100 in any order have their median at 50.5 and p99 at 99.01', () => {
  const errors = Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) + 1);
  const statistics = errorStatistics(errors);
  expect(statistics).toMatchObject({ n: 100, median: 50.5, worst: 100 });
  expect(statistics.p99).toBeCloseTo(99.01, 9);
  expect(tailOf(statistics)).toBe(statistics.p99);
});

test('below a hundred there is no p99, and the worst stands for it', () => {
  const statistics = errorStatistics([3, 1, 2]);
  expect(statistics).toEqual({ n: 3, median: 2, p99: null, worst: 3 });
  expect(tailOf(statistics)).toBe(3);
});

test('without errors nothing is known', () => {
  expect(errorStatistics([])).toEqual({ n: 0, median: null, p99: null, worst: null });
  expect(tailOf(errorStatistics([]))).toBeNull();
});
