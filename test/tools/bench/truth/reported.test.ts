import { expect, test } from 'vitest';
import { timePerToken } from '../../../../tools/bench/truth/reported.ts';

const arrivals = [
  { tMs: 100, chars: 1 },
  { tMs: 110, chars: 2 },
  { tMs: 160, chars: 3 },
];

test('the time between the first and the last piece is divided by one fewer than the tokens', () => {
  expect(timePerToken(arrivals, 7)).toBe(10);
});

test('below two tokens, without count or without pieces it is unknown', () => {
  expect(timePerToken(arrivals, 1)).toBeNull();
  expect(timePerToken(arrivals, undefined)).toBeNull();
  expect(timePerToken([], 7)).toBeNull();
});
