import { expect, test } from 'vitest';
import { linesOf } from '../../../../tools/bench/truth/results.ts';
import { tableOf } from '../../../../tools/bench/truth/table.ts';
import { errorsOf, sampleOf } from './lines.ts';

const table = tableOf(
  'steady',
  8,
  linesOf([
    sampleOf('tutorial', { errors: [errorsOf({ ttft: 231.5, textDiffers: true })] }),
    sampleOf('everytoken', {
      errors: Array.from({ length: 100 }, () => errorsOf({ ttft: 0.125, tpot: null, gaps: [0.5] })),
      waitedMs: 3.25,
    }),
  ]),
);

test('everytoken comes first, an unknown figure is a dash, and a worst that stands for p99 has a star', () => {
  expect(table[0]).toBe('steady · 8 streams · one token per tick, one token per event');
  expect(table[3]?.split(/ {2,}/)).toEqual([
    'everytoken',
    '0.13',
    '0.13',
    '–',
    '–',
    '0.50',
    '0.50',
    '10',
    '3.3',
  ]);
  expect(table[4]).toMatch(/^tutorial +!231\.50 +!231\.50\* /);
});

test('a row that is wrong by definition is marked with its reason, and a lost text is reported', () => {
  expect(table).toContain('  ! tutorial, TTFT: knows only the total time');
  expect(table).toContain('  tutorial lost or changed the text of 1 streams');
  expect(table.filter((line) => line.includes('everytoken'))).toHaveLength(1);
});
