import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countsOf, type GapRow, gapHistogram } from '../../../report/charts/gap-histogram.ts';
import { document, HOSTILE, hasStyles, isMarkup, textsOf } from './drawing-document.ts';

const row = (own: Partial<GapRow> = {}): GapRow => ({
  label: 'Focused',
  at: 0,
  gaps: [10, 11, 12, 13],
  p50: 11.5,
  p90: 12.7,
  p99: null,
  ...own,
});

const draw = (rows: GapRow[], width = 800) => gapHistogram(rows, { document, width });

const barsOf = (rows: GapRow[], width?: number): string[] =>
  [...draw(rows, width).querySelectorAll('title')].map(({ textContent }) => textContent);

/** The sum of the counts that the bars tell. */
const counted = (bars: readonly string[]): number =>
  bars.reduce((sum, bar) => sum + Number(bar.split(': ')[1]?.replaceAll(',', '')), 0);

test('each value is in one part: the one that it does not lie below', () => {
  expect(countsOf([0, 5, 10, 15, 20, 25], [0, 10, 20])).toEqual([2, 4]);
  const sorted = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(sorted, fc.array(fc.double({ min: -10, max: 1010, noNaN: true })), (numbers, values) => {
      const edges = numbers.toSorted((a, b) => a - b);
      const counts = countsOf(values, edges);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(values.length);
      counts.forEach((n, at) => {
        const from = at === 0 ? Number.NEGATIVE_INFINITY : (edges[at] ?? 0);
        const to = at === counts.length - 1 ? Number.POSITIVE_INFINITY : (edges[at + 1] ?? 0);
        expect(n).toBe(values.filter((value) => value >= from && value < to).length);
      });
    }),
  );
});

test('the bars hold every gap, whatever they are', () => {
  const gaps = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.double({ min: 0, max: 1000, noNaN: true }), (gaps, p50) => {
      expect(counted(barsOf([row({ gaps, p50 })]))).toBe(gaps.length);
    }),
    { numRuns: 40 },
  );
});

test('one far gap makes the scale logarithmic, and the axis says so', () => {
  const title = 'gap between chunks, ms';
  expect(textsOf(draw([row()]))).toContain(title);
  expect(textsOf(draw([row({ gaps: [10, 11, 12, 900] })]))).toContain(`${title} (logarithmic scale)`);
});

test('gaps of zero stand on a logarithmic scale in a bar that names its end', () => {
  const rows = [row({ gaps: [0, 0, 0, 10, 11, 12, 900] })];
  for (const width of [328, 1000]) {
    expect(textsOf(draw(rows, width))).toContain('<10');
    expect(barsOf(rows, width)).toContain('below 10 ms: 3');
  }
});

test('the percentiles that are known are told, and marked where they have room', () => {
  const texts = textsOf(draw([row({ gaps: [10, 20, 30, 40], p50: 10, p90: 30, p99: 40 })]));
  expect(texts).toEqual(expect.arrayContaining(['p50 10 · p90 30 · p99 40 ms', 'p50', 'p90', 'p99']));
  expect(textsOf(draw([row({ p90: null })]))).toContain('p50 11.5 ms');
  const crowded = textsOf(draw([row({ gaps: [10, 11, 12, 13, 100], p50: 12, p90: 12.1, p99: 100 })]));
  expect(crowded.filter((text) => /^p\d\d$/.test(text))).toEqual(['p90', 'p99']);
});

test('an output without gaps is drawn', () => {
  const chart = draw([row({ gaps: [], p50: null, p90: null })]);
  expect(textsOf(chart)).toContain('no gaps');
  expect(chart.getAttribute('aria-label')).toBe('Gaps between chunks: Focused 0 gaps, no gaps.');
});

test('it has neither styles nor markup of others', () => {
  const chart = draw([row({ label: HOSTILE })], 340);
  expect(hasStyles(draw([row()]))).toBe(false);
  expect(isMarkup(chart)).toBe(false);
});
