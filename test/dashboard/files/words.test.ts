import { expect, test } from 'vitest';
import { countText, doneOf, durationText, rangeText, statusText } from '../../../dashboard/files/words.ts';

const COUNTS = {
  lines: 10,
  accepted: 9,
  refused: 1,
  reused: 0,
  generated: 4,
  completed: 4,
  failed: 1,
  not_begun: 0,
  remaining: 5,
  generations: 4,
};

test('durations, counts and ranges read as people write them', () => {
  expect([0.25, 12, 200, 7_500].map(durationText)).toEqual(['250 ms', '12 s', '3 min 20 s', '2 h 5 min']);
  expect(countText(1, 'row')).toBe('1 row');
  expect(countText(1_200, 'row')).toBe('1,200 rows');
  expect(rangeText({ low: 1, typical: 2, high: 3 }, String)).toBe('typically 2 (1 to 3)');
  expect(rangeText({ low: 1, typical: null, high: 3 }, String)).toBe('1 to 3');
  expect(rangeText({ low: 3, typical: 3, high: 3 }, String)).toBe('3');
});

test('a file tells its status and how many lines are done', () => {
  const file = { status: 'generating', counts: COUNTS, ended_at: null, stopped: null } as const;
  expect(statusText(file)).toBe('generating');
  expect(statusText({ ...file, counts: { ...COUNTS, remaining: 0 } })).toBe('writing results');
  const stopped = { code: 'cancelled', at: '2026-11-30T00:00:00Z' } as const;
  expect(statusText({ ...file, stopped })).toBe('stopping');
  expect(statusText({ ...file, stopped, ended_at: stopped.at })).toBe('stopped');
  expect(statusText({ ...file, status: 'completed_with_errors' })).toBe('with errors');
  expect(doneOf(file)).toEqual({ done: 5, lines: 10 });
  expect(doneOf({ counts: { ...COUNTS, lines: null } })).toBeNull();
});
