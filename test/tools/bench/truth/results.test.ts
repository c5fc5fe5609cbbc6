import { expect, test } from 'vitest';
import { errorStatistics, linesOf, tailOf } from '../../../../tools/bench/truth/results.ts';
import { errorsOf, sampleOf } from './lines.ts';

test('a line pools the rounds of a row and keeps each round, in order', () => {
  const [line, ...others] = linesOf([
    sampleOf('langchain', {
      round: 2,
      errors: [errorsOf({ ttft: 5, gaps: [1, 2] }), errorsOf({ ttft: null, textDiffers: true })],
      cpuMicrosPerToken: 30,
      waitedMs: 4,
      writesMs: [0.1, 0.3],
    }),
    sampleOf('langchain', { errors: [errorsOf({ ttft: 1, gaps: [3] })], waitedMs: 9, writesMs: [0.2] }),
  ]);
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    row: 'langchain',
    pooled: { ttft: { n: 2, median: 3, worst: 5 }, gaps: { n: 4, worst: 3 } },
    rounds: [{ ttft: { n: 1, median: 1 } }, { ttft: { n: 1, median: 5 } }],
    cpuMicrosPerToken: 20,
    waitedMs: 9,
    writeMs: 0.2,
    differingTexts: 1,
  });
});

test('rows, scenarios and numbers of streams are not mixed', () => {
  const lines = linesOf([
    sampleOf('tutorial'),
    sampleOf('plain loop'),
    sampleOf('tutorial', { streams: 1 }),
    sampleOf('tutorial', { scenario: 'noise' }),
  ]);
  expect(lines).toHaveLength(4);
  expect(lines.every(({ waitedMs }) => waitedMs === null)).toBe(true);
});

test('a hundred errors from 1 to 100 in any order have their median at 50.5 and p99 at 99.01', () => {
  const errors = Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) + 1);
  const statistics = errorStatistics(errors);
  expect(statistics).toMatchObject({ n: 100, median: 50.5, worst: 100 });
  expect(statistics.p99).toBeCloseTo(99.01, 9);
  expect(tailOf(statistics)).toBe(statistics.p99);
});

test('below a hundred errors there is no p99, and the worst stands for it', () => {
  const statistics = errorStatistics([3, 1, 2]);
  expect(statistics).toEqual({ n: 3, median: 2, p99: null, worst: 3 });
  expect(tailOf(statistics)).toBe(3);
});

test('without errors the figures are unknown', () => {
  expect(errorStatistics([])).toEqual({ n: 0, median: null, p99: null, worst: null });
  expect(tailOf(errorStatistics([]))).toBeNull();
});
