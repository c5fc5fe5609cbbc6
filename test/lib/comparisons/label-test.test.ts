import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLEAR_UP_TO, labelTest, type Tested } from '../../../lib/comparisons/label-test.ts';
import { promptCosines } from '../../../lib/comparisons/permuted-diversity.ts';
import { seededRandom } from '../../../lib/comparisons/seeded-random.ts';

type Rows = (number | string)[][];
const testOf = (figures: Rows[], own: Partial<Tested> = {}) =>
  labelTest({
    figures,
    diversity: [],
    blocks: figures[0]?.length ?? 0,
    settings: figures[0]?.[0]?.length ?? 0,
    pairs: [[0, 1]],
    seed: 'cmp_1',
    ...own,
  });

/** The statistic of two settings, written down again: scores cut at their median size, sum over root of squares. */
const statisticOf = (rows: number[][]): number => {
  const scores = rows.map(([a = 0, b = 0]) => (a - b) / (a + b)).filter((score) => score !== 0);
  const sizes = scores.map(Math.abs).toSorted((a, b) => a - b);
  const most = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const cut = scores.map((score) => Math.sign(score) * Math.min(most, Math.abs(score)));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return sum(cut) / (Math.sqrt(sum(cut.map((score) => score ** 2))) || 1);
};

/** The p of two settings in two figures, from every one of the 2^n ways to swap the labels. */
const exactP = (figures: number[][][]): number[] => {
  const n = figures[0]?.length ?? 0;
  const observed = figures.map((rows) => Math.abs(statisticOf(rows)));
  const atLeast = figures.map(() => 0);
  for (let swaps = 0; swaps < 2 ** n; swaps += 1) {
    const swapped = figures.map((rows) =>
      rows.map((row, at) => ((swaps >> at) & 1 ? row.toReversed() : row)),
    );
    const largest = Math.max(...swapped.map((rows) => Math.abs(statisticOf(rows))));
    for (const [at, own] of observed.entries()) {
      if (largest >= own - 1e-9) atLeast[at] = (atLeast[at] ?? 0) + 1;
    }
  }
  return atLeast.map((count) => count / 2 ** n);
};

const time = fc.integer({ min: 1, max: 10_000 });
const rowsOf = (settings: number, minLength = 6) =>
  fc.array(fc.array(time, { minLength: settings, maxLength: settings }), { minLength, maxLength: 9 });

describe('the test of all differences', () => {
  test('comes close to the probability counted over every way to swap labels', () => {
    const both = fc
      .integer({ min: 6, max: 8 })
      .chain((n) =>
        fc.tuple(
          ...[0, 1].map(() =>
            fc.array(fc.array(time, { minLength: 2, maxLength: 2 }), { minLength: n, maxLength: n }),
          ),
        ),
      );
    fc.assert(
      fc.property(both, (figures) => {
        const { p, statistic } = testOf(figures);
        for (const [figure, expected] of exactP(figures).entries()) {
          expect(statistic[figure]?.[0]).toBeCloseTo(statisticOf(figures[figure] ?? []), 9);
          // 2,000 draws: five standard errors are below 0.056.
          expect(Math.abs((p[figure]?.[0] ?? 0) - expected)).toBeLessThan(0.056);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('does not change when a block, or a figure, takes a multiple of its time', () => {
    fc.assert(
      fc.property(
        rowsOf(3),
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 9, maxLength: 9 }),
        (rows, by) => {
          const drifted = rows.map((row, at) => row.map((value) => value * 2 ** (by[at] ?? 0)));
          expect(testOf([drifted])).toEqual(testOf([rows]));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('turns with the settings, and finds as much whatever their order', () => {
    fc.assert(
      fc.property(rowsOf(3), (rows) => {
        const pairs: [number, number][] = [
          [0, 1],
          [0, 2],
          [1, 2],
        ];
        const forward = testOf([rows], { pairs });
        const turned = testOf([rows.map((row) => row.toReversed())], { pairs });
        const expected = [2, 1, 0].map((at) => -(turned.statistic[0]?.[at] ?? 0));
        for (const [at, own] of expected.entries()) {
          expect(forward.statistic[0]?.[at]).toBeCloseTo(own, 9);
          expect(Math.abs((forward.p[0]?.[at] ?? 0) - (turned.p[0]?.[2 - at] ?? 0))).toBeLessThan(0.08);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('calls clear exactly the statistics above its critical one', () => {
    fc.assert(
      fc.property(rowsOf(3), rowsOf(3, 9), (few, many) => {
        const rows = [few, many.slice(0, few.length)];
        const { p, statistic, critical } = testOf(rows, {
          pairs: [
            [0, 1],
            [0, 2],
            [1, 2],
          ],
        });
        for (const [figure, row] of p.entries()) {
          for (const [pair, own] of row.entries()) {
            const size = Math.abs(statistic[figure]?.[pair] ?? 0);
            if (Math.abs(size - critical) > 1e-6) expect(own <= CLEAR_UP_TO).toBe(size > critical);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('leaves a block out where a value is missing, and depends on the seed alone', () => {
    const rows: Rows = [
      [10, 14],
      [20, 23],
      [30, 35],
      [11, 15],
      [21, 26],
      [31, 36],
      [10, 14],
    ];
    const without = testOf([[...rows, ['failed', 14], [900, 'cold']]]);
    expect(without.statistic).toEqual(testOf([rows]).statistic);
    expect(without).toEqual(testOf([[...rows, ['failed', 14], [900, 'cold']]]));
    expect(without.p).not.toEqual(testOf([rows], { seed: 'cmp_2' }).p);
  });

  test('finds nothing where nothing differs', () => {
    const same = Array.from({ length: 20 }, (_, at) => [at, at]);
    expect(testOf([same])).toMatchObject({ statistic: [[0], [0]], p: [[1], [1]] });
    expect(testOf([Array.from({ length: 20 }, () => [0, 0])]).p).toEqual([[1], [1]]);
  });
});

describe('diversity in the test', () => {
  const random = seededRandom('vectors');
  const vector = (spread: number) =>
    Float32Array.from(random.words(8), (word, at) => (at === 0 ? 1 : 0) + spread * (word / 2 ** 32 - 0.5));
  const diverse = (blocks: number, spreads: number[], promptOf: number[]) => ({
    figures: [],
    blocks,
    settings: spreads.length,
    diversity: promptCosines(
      Array.from({ length: blocks }, () => spreads.map(vector)),
      promptOf,
      spreads.length,
    ),
  });
  const prompts = Array.from({ length: 12 }, (_, at) => at % 3);

  test('is found where one setting says different things', () => {
    const { p, statistic } = testOf([], diverse(12, [2, 0.1], prompts));
    expect(statistic[0]?.[0]).toBeGreaterThan(0);
    expect(p[0]?.[0]).toBeLessThan(CLEAR_UP_TO);
  });

  test('is not found between equal settings, nor in two samples of one prompt', () => {
    expect(testOf([], diverse(12, [1, 1], prompts)).p[0]?.[0]).toBeGreaterThan(CLEAR_UP_TO);
    expect(testOf([], diverse(2, [2, 0.1], [0, 0])).p[0]?.[0]).toBeGreaterThan(CLEAR_UP_TO);
  });

  test('has the difference that the settings have, missing outputs left out', () => {
    const [east, north] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    // a: east, north and one missing; b: always east.
    const vectors = [
      [east, east],
      [north, east],
      [undefined, east],
    ];
    const diversity = promptCosines(vectors, [0, 0, 0], 2);
    const { statistic } = testOf([], { blocks: 3, settings: 2, diversity });
    expect(statistic[0]?.[0]).toBeGreaterThan(0);
  });
});
