import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  largestGroups,
  type TimeChart,
  type TimeGroup,
  timeChart,
} from '../../../report/charts/time-chart.ts';
import { bucketName, timeTicks } from '../../../report/charts/time-ticks.ts';
import { document, HOSTILE, hasStyles, isMarkup, textsOf } from './drawing-document.ts';

const A_DAY_MS = 86_400_000;
const daysUntil = (last: string, n: number): string[] =>
  Array.from({ length: n }, (_, at) =>
    new Date(Date.parse(last) - (n - 1 - at) * A_DAY_MS).toISOString().slice(0, 10),
  );
const hoursUntil = (last: string, n: number): string[] =>
  Array.from({ length: n }, (_, at) => new Date(Date.parse(last) - (n - 1 - at) * 3_600_000).toISOString());

const draw = (own: Partial<TimeChart> = {}, width = 800) =>
  timeChart(
    {
      buckets: daysUntil('2026-11-30', 3),
      step: 'day',
      groups: [{ label: 'gpt-5-mini', values: [1000, null, 3000] }],
      as: 'bars',
      yLabel: 'tokens a day',
      description: 'Tokens by day.',
      ...own,
    },
    { document, width },
  );

const titlesOf = (own: Partial<TimeChart>): string[] =>
  [...draw(own).querySelectorAll('title')].map(({ textContent }) => textContent);

test('a bar stands for each known figure and tells its day, group and value', () => {
  expect(titlesOf({})).toEqual(['28 Nov 2026 · gpt-5-mini: 1,000', '30 Nov 2026 · gpt-5-mini: 3,000']);
});

test('bars of a day stand on each other', () => {
  const chart = draw({
    buckets: ['2026-11-30'],
    groups: [
      { label: 'a', values: [10] },
      { label: 'b', values: [30] },
    ],
  });
  const [a, b] = [...chart.querySelectorAll('rect')].map((bar) =>
    ['y', 'height'].map((name) => Number(bar.getAttribute(name))),
  );
  expect((b?.[0] ?? 0) + (b?.[1] ?? 0)).toBeCloseTo(a?.[0] ?? 0, 1);
  expect((b?.[1] ?? 0) / (a?.[1] ?? 1)).toBeCloseTo(3, 1);
});

test('at most eight groups are drawn, and the last is the sum of all others', () => {
  const groups: fc.Arbitrary<TimeGroup[]> = fc.array(
    fc.record({
      label: fc.string(),
      values: fc.array(fc.option(fc.nat({ max: 1000 })), { minLength: 5, maxLength: 5 }),
    }),
    { maxLength: 30 },
  );
  const sumOf = (all: readonly TimeGroup[]) =>
    all.flatMap(({ values }) => values).reduce((sum: number, value) => sum + (value ?? 0), 0);
  fc.assert(
    fc.property(groups, (groups) => {
      const shown = largestGroups(groups);
      expect(shown.length).toBe(Math.min(8, groups.length));
      expect(sumOf(shown)).toBe(sumOf(groups));
      expect(shown.some(({ label }) => label === `other (${groups.length - 7})`)).toBe(groups.length > 8);
    }),
  );
});

test('a line ends where nothing is known, and a figure alone is a dot', () => {
  const buckets = daysUntil('2026-11-30', 60);
  const values = buckets.map((_, at) => (at < 10 ? 5 : at === 20 ? 7 : null));
  const chart = draw({ as: 'lines', buckets, groups: [{ label: 'gpt-5-mini', values }] });
  expect(
    chart.querySelector('path[stroke="var(--series-0)"], [stroke="var(--series-0)"] path'),
  ).not.toBeNull();
  expect([...chart.querySelectorAll('title')].map(({ textContent }) => textContent)).toEqual([
    '22 Oct 2026 · gpt-5-mini: 7',
  ]);
});

test('a time without any figure says so', () => {
  expect(textsOf(draw({ groups: [] }))).toContain('nothing in this time');
  expect(textsOf(draw())).not.toContain('nothing in this time');
});

test('ticks are dates as people write them, with the year where it changes', () => {
  const ticks = (n: number, width: number, last = '2026-11-30') =>
    timeTicks(daysUntil(last, n), 'day', width).map(({ text, below }) => (below ? `${text}/${below}` : text));
  expect(ticks(3, 800)).toEqual(['28 Nov', '29 Nov', '30 Nov']);
  expect(ticks(30, 500)).toEqual(['2 Nov', '9 Nov', '16 Nov', '23 Nov', '30 Nov']);
  expect(ticks(400, 320)).toEqual(['Jan/2026', 'Mar', 'May', 'Jul', 'Sep', 'Nov']);
  expect(ticks(4, 800, '2027-01-02')).toEqual(['30 Dec/2026', '31 Dec', '1 Jan/2027', '2 Jan']);
});

test('hours have the day below the first and at midnight', () => {
  const ticks = timeTicks(hoursUntil('2026-11-30T15:00:00Z', 24), 'hour', 320);
  expect(ticks.map(({ text, below }) => [text, below])).toEqual([
    ['18:00', '29 Nov'],
    ['00:00', '30 Nov'],
    ['06:00', undefined],
    ['12:00', undefined],
  ]);
  expect(bucketName('2026-11-30T15:00:00Z', 'hour')).toBe('30 Nov 2026, 15:00 UTC');
});

test('ticks never stand on each other', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 240, max: 1200 }),
      fc.constantFrom('day' as const, 'hour' as const),
      (n, width, step) => {
        const buckets = step === 'day' ? daysUntil('2027-02-03', n) : hoursUntil('2027-02-03T09:00:00Z', n);
        const places = timeTicks(buckets, step, width).map(({ middle }) => (middle * width) / n);
        const gaps = places.slice(1).map((place, at) => place - (places[at] ?? 0));
        expect(Math.min(...gaps, Number.POSITIVE_INFINITY)).toBeGreaterThan(40);
      },
    ),
  );
});

test('it has a description, and neither styles nor markup of others', () => {
  const chart = draw({ groups: [HOSTILE, 'b'].map((label) => ({ label, values: [1, 2, 3] })) }, 328);
  expect(chart.getAttribute('aria-label')).toBe('Tokens by day.');
  expect(hasStyles(draw())).toBe(false);
  expect(isMarkup(chart)).toBe(false);
});
