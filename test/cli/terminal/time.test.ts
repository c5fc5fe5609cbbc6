import { expect, test } from 'vitest';
import { bar } from '../../../cli/terminal/bar.ts';
import { duration, localTime } from '../../../cli/terminal/time.ts';

test.each([
  [0.25, '250 ms'],
  [12.4, '12 s'],
  [200, '3 min 20 s'],
  [59.7, '1 min 0 s'],
  [7_500, '2 h 5 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("shows an instant in the person's time zone", () => {
  const before = process.env.TZ;
  process.env.TZ = 'Asia/Tokyo';
  expect(localTime('2026-11-30T16:04:05Z')).toBe('2026-12-01 01:04:05');
  process.env.TZ = before;
  expect(localTime('never')).toBe('—');
});

test.each([
  [0, '░░░░'],
  [0.5, '██░░'],
  [0.28, '█▏░░'],
  [1, '████'],
  [7, '████'],
  [Number.NaN, '░░░░'],
])('a share of %d fills its part of the bar', (share, text) => {
  expect(bar(share, 4)).toBe(text);
});
