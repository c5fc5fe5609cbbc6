import { expect, test } from 'vitest';
import { linesOf, type Sample } from '../../../../tools/bench/truth/results.ts';
import { compareWithBest, verdictOf } from '../../../../tools/bench/truth/verdict.ts';
import { errorsOf, lineOf, sampleOf } from './lines.ts';

const verdict = (samples: Sample[], rate = 100) => verdictOf(samples, linesOf(samples), rate).join('\n');

test('the limits held at errors of 1 ms for TTFT and 5 ms for gaps', () => {
  const text = verdict([sampleOf('everytoken', { errors: [errorsOf({ ttft: 1, gaps: [0.5, 5] })] })]);
  expect(text).toContain('  held: TTFT, 1.00 ms at the median, 1.00 ms at p99, 1.00 ms at worst (n = 1)');
  expect(text).toMatch(/NOT held: each gap, 2\.75 ms at the median, 5\.00 ms at p99/);
});

test('a scenario that breaks a limit is named even if the limit held overall', () => {
  const many = Array.from({ length: 199 }, () => errorsOf());
  const text = verdict([
    sampleOf('everytoken', { errors: many }),
    sampleOf('everytoken', { scenario: 'noise', errors: [errorsOf({ ttft: 40 })] }),
  ]);
  expect(text).toMatch(/ {2}held: TTFT, .* 40\.00 ms at worst \(n = 200\); not in noise alone\./);
});

test('another rate or number of streams gives no verdict on the limits', () => {
  expect(verdict([sampleOf('everytoken')], 50)).toContain('which this run did not have');
  expect(verdict([sampleOf('everytoken', { streams: 1 })])).toContain('which this run did not have');
});

test('a client that is better beyond the spread is named with both figures', () => {
  const turns = (row: 'everytoken' | 'plain loop', ttft: number) =>
    [1, 2].map((round) => sampleOf(row, { round, errors: [errorsOf({ ttft })] }));
  const text = verdict([...turns('everytoken', 0.9), ...turns('plain loop', 0.2)]);
  expect(text).toContain('in 4 of 6 comparisons, and worse in:');
  expect(text).toContain(
    'steady, 8 at once, TTFT at the median: 0.900 ms against 0.200 ms (plain loop), spread 0.000 ms',
  );
  expect(verdict([...turns('everytoken', 0.2), ...turns('plain loop', 0.9)])).toContain(
    '6 of 6 comparisons.',
  );
});

const own = lineOf('everytoken', [[1], [2], [3]]);

test('a difference within the larger spread of the two is not worse, a larger one is', () => {
  const near = lineOf('langchain', [[0.5], [0.5], [0.5]]);
  expect(compareWithBest(own, [own, near], 'ttft', 'median')).toEqual({
    own: 2,
    best: 0.5,
    bestRow: 'langchain',
    spread: 2,
    isWorse: false,
  });
  const still = lineOf('everytoken', [[2], [2], [2.1]]);
  expect(compareWithBest(still, [still, near], 'ttft', 'median')).toMatchObject({ isWorse: true });
});

test('the best of the other clients counts, but not one that is wrong by definition, nor a row of our own', () => {
  const lines = [
    own,
    lineOf('everytoken, call', [[0], [0]]),
    lineOf('tutorial', [[0], [0]]),
    lineOf('ai sdk', [[9], [9]]),
    lineOf('plain loop', [[7], [7]]),
  ];
  expect(compareWithBest(own, lines, 'ttft', 'tail')).toMatchObject({ best: 7, bestRow: 'plain loop' });
});

test('a difference below the duration of a server write does not count', () => {
  const exact = { ...lineOf('everytoken', [[0.01], [0.01]]), writeMs: 0.03 };
  const other = lineOf('plain loop', [[0], [0]]);
  expect(compareWithBest(exact, [exact, other], 'ttft', 'median')).toMatchObject({
    spread: 0.03,
    isWorse: false,
  });
});

test('with one round, or no other client, there is no comparison', () => {
  const once = lineOf('everytoken', [[1]]);
  expect(compareWithBest(once, [once, lineOf('plain loop', [[0]])], 'ttft', 'median')).toBeUndefined();
  expect(
    compareWithBest(own, [own, lineOf('plain loop', [[0], [0]], 'noise')], 'ttft', 'median'),
  ).toBeUndefined();
});
