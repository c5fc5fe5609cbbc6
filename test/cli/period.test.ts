import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseTime } from '../../cli/period.ts';
import { localTime } from '../../cli/terminal/time.ts';

const before = process.env.TZ;
beforeEach(() => {
  process.env.TZ = 'America/New_York';
});
afterEach(() => {
  process.env.TZ = before;
});

const [since, until] = [parseTime('since'), parseTime('until')];

test('times before now and instants with an offset stay as they are', () => {
  for (const text of ['30m', '24h', '7d', '4w', '2026-11-30T18:04:05Z', '2026-11-30T18:04:05.123+02:00'])
    expect([since(text), until(text)]).toEqual([text, text]);
});

test("a date is the person's own day, from its first to its last instant", () => {
  expect(since('2026-11-30')).toBe('2026-11-30T05:00:00.000Z');
  expect(until('2026-11-30')).toBe('2026-12-01T05:00:00.000Z');
  // Daylight saving ends on this day, which has 25 hours.
  expect([since('2026-11-01'), until('2026-11-01')]).toEqual([
    '2026-11-01T04:00:00.000Z',
    '2026-11-02T05:00:00.000Z',
  ]);
});

test('a time that a command printed is read as it was meant', () => {
  const instant = '2026-11-30T18:04:05.000Z';
  expect(since(localTime(instant))).toBe(instant);
  expect(until('2026-11-30T13:04')).toBe('2026-11-30T18:04:00.000Z');
});

test('today and yesterday are days of the person', () => {
  expect(localTime(since('today')).slice(11)).toBe('00:00:00');
  expect(until('yesterday')).toBe(since('today'));
});

test.each([
  '',
  'soon',
  '7 days',
  '2026-02-30',
  '2026-13-01',
  '2026-11-30 24:00',
  '1e3',
  '2026-11-30T18:04:99Z',
])('refuses %j and says what it takes', (text) => {
  expect(() => since(text)).toThrow(/^it takes a time before now \(30m, 24h, 7d, 4w\)/);
});
