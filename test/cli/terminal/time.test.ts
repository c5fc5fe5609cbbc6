import { expect, test, vi } from 'vitest';
import { bar } from '../../../cli/terminal/bar.ts';
import { duration, localTime, shortTime } from '../../../cli/terminal/time.ts';

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
  vi.stubEnv('TZ', 'Asia/Tokyo');
  expect(localTime('2026-11-30T16:04:05Z')).toBe('2026-12-01 01:04:05');
  vi.unstubAllEnvs();
  expect(localTime('never')).toBe('—');
});

test('a short time has no more than its reader needs today', () => {
  const now = new Date(2026, 10, 30, 18, 4, 5).getTime();
  const at = (...parts: [number, number, number, number, number]) =>
    shortTime(new Date(...parts).getTime(), now);
  expect([at(2026, 10, 30, 7, 2), at(2026, 2, 1, 7, 2), at(2025, 10, 30, 7, 2)]).toEqual([
    '07:02:00',
    '03-01 07:02',
    '2025-11-30',
  ]);
  expect(shortTime('never', now)).toBe('—');
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
