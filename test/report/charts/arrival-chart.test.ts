import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ArrivalChart,
  type ArrivalLine,
  arrivalChart,
  moveCursor,
  type Step,
  thinned,
} from '../../../report/charts/arrival-chart.ts';
import { document, HOSTILE, hasStyles, isMarkup, textsOf } from './drawing-document.ts';

const chunksAt = (times: number[], tokens: number | null = 1): ArrivalLine['chunks'] =>
  times.map((t_ms) => ({ t_ms, tokens }));

const line = (own: Partial<ArrivalLine> = {}): ArrivalLine => ({
  label: 'Focused',
  at: 0,
  chunks: chunksAt([100, 120, 140]),
  ...own,
});

const draw = (lines: ArrivalLine[], more: Partial<ArrivalChart> = {}, width = 800) =>
  arrivalChart({ lines, ...more }, { document, width });

const evenly = (n: number, first: number, every: number) =>
  chunksAt(Array.from({ length: n }, (_, at) => first + at * every));

/** The tokens that a staircase shows at a moment. */
const shownAt = (steps: readonly Step[], ms: number): number =>
  steps.findLast((step) => step.ms <= ms)?.tokens ?? 0;

test('the line that is left is never a pixel from the whole one, and as long as the picture is high', () => {
  const arrivals = fc.array(
    fc.record({ wait: fc.double({ min: 0, max: 500, noNaN: true }), tokens: fc.nat({ max: 9 }) }),
    { minLength: 1, maxLength: 400 },
  );
  fc.assert(
    fc.property(arrivals, fc.double({ min: 0.001, max: 20, noNaN: true }), (chunks, pixels) => {
      let [ms, tokens] = [0, 0];
      const steps = chunks.map((chunk): Step => {
        ms += chunk.wait;
        tokens += chunk.tokens;
        return { ms, tokens };
      });
      const left = thinned(steps, pixels);
      expect(left.length).toBeLessThanOrEqual(2 * tokens * pixels + 2);
      expect(left.at(-1)).toEqual(steps.at(-1));
      for (const { ms } of steps)
        expect(Math.abs(shownAt(left, ms) - shownAt(steps, ms)) * pixels).toBeLessThan(1);
    }),
  );
});

test('four outputs of 10,000 chunks are a drawing of some thousand points', () => {
  const lines = [0, 1, 2, 3].map((at) =>
    line({ at, label: `output ${at}`, chunks: evenly(10_000, 100, 3 + at) }),
  );
  const chart = draw(lines);
  expect(chart.outerHTML.length).toBeLessThan(100_000);
  expect([...chart.querySelectorAll('path[d^="M"]')].length).toBeGreaterThanOrEqual(4);
});

test('the time to the first token is in the legend, and a dot on the base', () => {
  const chart = draw([line({ chunks: evenly(50, 182, 11) })]);
  expect(textsOf(chart)).toContain('Focused · first 182\u00a0ms');
  expect([...chart.querySelectorAll('title')].map(({ textContent }) => textContent)).toEqual([
    'Focused: first token after 182\u00a0ms',
  ]);
});

test('the longest gaps have their names, and short ones have none', () => {
  const times = Array.from(
    { length: 60 },
    (_, at) => 100 + at * 10 + (at >= 20 ? 312 : 0) + (at >= 40 ? 20 : 0),
  );
  const gaps = [
    { chunk: 20, gap_ms: 322 },
    { chunk: 40, gap_ms: 30 },
  ];
  const texts = textsOf(draw([line({ chunks: chunksAt(times), gaps })]));
  expect(texts).toContain('gap 322\u00a0ms');
  expect(texts.filter((text) => text.startsWith('gap'))).toHaveLength(1);
});

test('chunks are counted, and named so, when the tokens of one are unknown', () => {
  expect(textsOf(draw([line()]))).toContain('tokens');
  const unknown = draw([line(), line({ at: 1, chunks: chunksAt([50, 60], null) })]);
  expect(textsOf(unknown)).toContain('chunks');
  expect(unknown.getAttribute('aria-label')).toContain('Arrival of chunks');
});

test('long streams have their times in seconds', () => {
  expect(textsOf(draw([line({ chunks: evenly(100, 500, 200) })]))).toContain('s since the request');
});

test('an output without a token yet is named', () => {
  const chart = draw([line({ chunks: [] })]);
  expect(textsOf(chart)).toContain('Focused · nothing yet');
  expect(chart.getAttribute('aria-label')).toContain('Focused nothing yet');
});

test('the cursor of a replay moves without another drawing, and not beyond the ends', () => {
  const chart = draw([line({ chunks: chunksAt([0, 500, 1000]) })], { now: 0 });
  const cursor = chart.querySelector('[data-cursor]');
  const moved = (now: number): number => {
    moveCursor(chart, now);
    return Number(/translate\(([\d.-]+)/.exec(cursor?.getAttribute('transform') ?? '')?.[1]);
  };
  const end = moved(1000);
  expect(end).toBeGreaterThan(700);
  expect(moved(500)).toBeCloseTo(end / 2, 1);
  expect(moved(5000)).toBe(end);
  expect(moved(-1)).toBe(0);
  expect(draw([line()]).querySelector('[data-cursor]')).toBeNull();
});

test('it has a description, and neither styles nor markup of others', () => {
  const gaps = [{ chunk: 1, gap_ms: 20 }];
  const chart = draw([line({ label: HOSTILE, gaps })], { now: 10 }, 340);
  expect(chart.getAttribute('aria-label')).toContain(
    'first after 100\u00a0ms, 3 tokens after 140\u00a0ms, longest gap 20\u00a0ms',
  );
  expect(hasStyles(draw([line()], { now: 10 }))).toBe(false);
  expect(isMarkup(chart)).toBe(false);
});
