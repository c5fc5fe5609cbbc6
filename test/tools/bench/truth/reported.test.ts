import { expect, test } from 'vitest';
import { timePerToken } from '../../../../tools/bench/truth/reported.ts';

const arrivals = [
  { tMs: 100, chars: 1 },
  { tMs: 110, chars: 2 },
  { tMs: 160, chars: 3 },
];

test('the time per token is the time from the first to the last piece, divided by the tokens less one', () => {
  expect(timePerToken(arrivals, 7)).toBe(10);
});

test('the time per token is unknown below two tokens, without a count or without pieces', () => {
  expect(timePerToken(arrivals, 1)).toBeNull();
  expect(timePerToken(arrivals, undefined)).toBeNull();
  expect(timePerToken([], 7)).toBeNull();
});
