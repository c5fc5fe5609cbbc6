import { expect, test } from 'vitest';
import { linesOf, type Sample } from '../../../../tools/bench/truth/results.ts';
import { verdictOf } from '../../../../tools/bench/truth/verdict.ts';
import { errorsOf, sampleOf } from './lines.ts';

const verdict = (samples: Sample[], rate = 100) => verdictOf(samples, linesOf(samples), rate).join('\n');

test('within 1 ms and 5 ms the limits held', () => {
  const told = verdict([sampleOf('everytoken', { errors: [errorsOf({ ttft: 1, gaps: [0.5, 5] })] })]);
  expect(told).toContain('  held: TTFT, 1.00 ms at the median, 1.00 ms at p99, 1.00 ms at worst (n = 1)');
  expect(told).toMatch(/NOT held: each gap, 2\.75 ms at the median, 5\.00 ms at p99/);
});

test('a scenario that breaks a limit is named even if the whole holds', () => {
  const many = Array.from({ length: 199 }, () => errorsOf());
  const told = verdict([
    sampleOf('everytoken', { errors: many }),
    sampleOf('everytoken', { scenario: 'noise', errors: [errorsOf({ ttft: 40 })] }),
  ]);
  expect(told).toMatch(/ {2}held: TTFT, .* 40\.00 ms at worst \(n = 200\); not in noise alone\./);
});

test('another rate or number of streams says nothing of the limits', () => {
  expect(verdict([sampleOf('everytoken')], 50)).toContain('which this run did not have');
  expect(verdict([sampleOf('everytoken', { streams: 1 })])).toContain('which this run did not have');
});

test('whoever is better beyond the spread is named with both figures', () => {
  const turns = (row: 'everytoken' | 'plain loop', ttft: number) =>
    [1, 2].map((round) => sampleOf(row, { round, errors: [errorsOf({ ttft })] }));
  const told = verdict([...turns('everytoken', 0.9), ...turns('plain loop', 0.2)]);
  expect(told).toContain('in 4 of 6 comparisons, and worse in:');
  expect(told).toContain(
    'steady, 8 at once, TTFT at the median: 0.900 ms against 0.200 ms (plain loop), spread 0.000 ms',
  );
  expect(verdict([...turns('everytoken', 0.2), ...turns('plain loop', 0.9)])).toContain(
    '6 of 6 comparisons.',
  );
});
