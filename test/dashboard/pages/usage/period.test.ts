import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  chosenPeriod,
  daysOf,
  faultOf,
  periodOf,
  periodParameters,
} from '../../../../dashboard/pages/usage/period.ts';

const NOW = Date.parse('2026-11-30T20:48:00Z');
const period = (query: string) => periodOf(new URLSearchParams(query), NOW);

test('an address without a period, or with an unknown one, is that of 7 days', () => {
  for (const query of ['', 'period=century'])
    expect(periodParameters(period(query))).toEqual({ since: '7d' });
  expect(periodParameters(period('period=24h'))).toEqual({ since: '24h' });
});

test('own dates are asked for as they are, and are the last 7 days at first', () => {
  expect(periodParameters(period('period=own&since=2026-11-01&until=2026-11-05'))).toEqual({
    since: '2026-11-01',
    until: '2026-11-05',
  });
  expect(periodParameters(period('period=own'))).toEqual({ since: '2026-11-24', until: '2026-11-30' });
});

test('own dates that the API would refuse have a fault in words', () => {
  const fault = (since: string, until: string) => faultOf({ name: 'own', since, until });
  expect(fault('2026-11-01', '2026-11-01')).toBeUndefined();
  expect(fault('', '2026-11-01')).toBe('Give the first day.');
  expect(fault('2026-11-01', '')).toBe('Give the last day.');
  expect(fault('2026-11-02', '2026-11-01')).toBe('The first day is after the last one.');
  expect(fault('2025-10-27', '2026-11-30')).toBeUndefined();
  expect(fault('2025-10-26', '2026-11-30')).toBe('Give 400 days at most.');
  expect(faultOf(period('period=7d'))).toBeUndefined();
});

test('own dates begin as those that are shown', () => {
  const shown = { since: '2026-11-23T20:48:00.000Z', until: '2026-11-30T20:48:00.000Z' };
  expect(chosenPeriod('own', shown)).toEqual({ period: 'own', since: '2026-11-23', until: '2026-11-30' });
  const whole = { since: '2026-11-01T00:00:00.000Z', until: '2026-11-06T00:00:00.000Z' };
  expect(chosenPeriod('own', whole)).toEqual({ period: 'own', since: '2026-11-01', until: '2026-11-05' });
  expect(chosenPeriod('24h', shown)).toEqual({ period: '24h', since: null, until: null });
});

test('the days of a report have no hole, and hold its first and last instant', () => {
  const instant = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 400 * 86_400_000 }), (since, length) => {
      const [first, until] = [new Date(since).toISOString(), new Date(since + length).toISOString()];
      const days = daysOf({ since: first, until });
      expect(days[0]).toBe(first.slice(0, 10));
      expect(days.at(-1)).toBe(new Date(since + length - 1).toISOString().slice(0, 10));
      const steps = days.slice(1).map((day, at) => Date.parse(day) - Date.parse(days[at] ?? ''));
      expect(steps.every((step) => step === 86_400_000)).toBe(true);
    }),
  );
});
