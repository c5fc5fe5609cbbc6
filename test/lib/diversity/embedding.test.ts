import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embeddingDiversityOf } from '../../../lib/diversity/embedding.ts';
import { symmetricEigenvalues } from '../../../lib/diversity/matrix.ts';
import { differ, t975 } from '../../../lib/diversity/student-t.ts';

const v = (...values: number[]) => Float32Array.from(values);
const vectors = (minLength: number) =>
  fc.array(
    fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 })
      .filter((values) => values.some((each) => each !== 0)),
    { minLength, maxLength: 9 },
  );

/** Normally distributed numbers from a linear congruential generator, so that every run is the same. */
const seeded = (seed: number) => {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
};
const sampler = (seed: number, spread: number, dimensions = 16) => {
  const normal = seeded(seed);
  return (count: number) =>
    Array.from({ length: count }, () =>
      Float32Array.from({ length: dimensions }, (_, at) => (at === 0 ? 2 : 0) + spread * normal()),
    );
};

describe('embedding_diversity and vendi', () => {
  test('are null for fewer than two vectors', () => {
    expect(embeddingDiversityOf([])).toEqual({
      n: 0,
      embedding_diversity: null,
      interval: null,
      vendi: null,
    });
    expect(embeddingDiversityOf([v(1, 2)])).toEqual({
      n: 1,
      embedding_diversity: null,
      interval: null,
      vendi: null,
    });
  });

  test('of vectors of one direction are 0 and 1, whatever their length', () => {
    const { embedding_diversity, vendi, interval } = embeddingDiversityOf([
      v(1, 2, 3),
      v(2, 4, 6),
      v(0.5, 1, 1.5),
    ]);
    expect(embedding_diversity).toBeCloseTo(0, 12);
    expect(vendi).toBeCloseTo(1, 9);
    expect(interval?.[0]).toBe(0);
    expect(interval?.[1]).toBeCloseTo(0, 9);
  });

  test('of orthogonal vectors are 1 and the number of vectors', () => {
    const { embedding_diversity, vendi } = embeddingDiversityOf([v(1, 0, 0), v(0, 2, 0), v(0, 0, 3)]);
    expect(embedding_diversity).toBe(1);
    expect(vendi).toBeCloseTo(3, 12);
  });

  test('of three vectors, two of them alike: two of three pairs differ, eigenvalues are 2/3 and 1/3', () => {
    const { embedding_diversity, vendi } = embeddingDiversityOf([v(1, 0), v(1, 0), v(0, 1)]);
    expect(embedding_diversity).toBeCloseTo(2 / 3, 12);
    expect(vendi).toBeCloseTo(Math.exp(-(2 / 3) * Math.log(2 / 3) - (1 / 3) * Math.log(1 / 3)), 12);
  });

  test('of opposite vectors exceed 1', () => {
    expect(embeddingDiversityOf([v(1, 0), v(-1, 0)]).embedding_diversity).toBe(2);
  });

  test('match their definitions, computed pair by pair', () => {
    fc.assert(
      fc.property(vectors(2), (lists) => {
        const of = embeddingDiversityOf(lists.map((values) => v(...values)));
        expect(of.embedding_diversity).toBeCloseTo(naiveDiversity(lists), 6);
        expect(of.vendi).toBeGreaterThanOrEqual(1);
        expect(of.vendi).toBeLessThanOrEqual(lists.length);
      }),
      { numRuns: 60 },
    );
  });

  test('throw for vectors without a cosine', () => {
    expect(() => embeddingDiversityOf([v(0, 0), v(1, 0)])).toThrow(RangeError);
    expect(() => embeddingDiversityOf([v(Number.NaN, 0), v(1, 0)])).toThrow(RangeError);
    expect(() => embeddingDiversityOf([v(1, 0), v(1, 0, 0)])).toThrow(RangeError);
  });
});

const naiveDiversity = (lists: number[][]): number => {
  const length = (a: number[]) => Math.hypot(...a);
  const cosines = lists.flatMap((a, i) =>
    lists
      .slice(i + 1)
      .map((b) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0) / length(a) / length(b)),
  );
  return 1 - cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
};

describe('the interval of embedding_diversity', () => {
  test('is null for two vectors, which tell nothing about their spread', () => {
    expect(embeddingDiversityOf([v(1, 0), v(0, 1)]).interval).toBeNull();
  });

  test('is estimate ± t x the jackknife error, made by leaving vectors out one by one', () => {
    fc.assert(
      fc.property(vectors(3), (lists) => {
        const { embedding_diversity: estimate, interval } = embeddingDiversityOf(
          lists.map((values) => v(...values)),
        );
        const n = lists.length;
        const without = lists.map((_, out) => naiveDiversity(lists.filter((_unused, at) => at !== out)));
        const mean = without.reduce((sum, each) => sum + each, 0) / n;
        const error = Math.sqrt(((n - 1) / n) * without.reduce((sum, each) => sum + (each - mean) ** 2, 0));
        expect(interval?.[1]).toBeCloseTo(Number(estimate) + t975(n - 1) * error, 5);
        expect(interval?.[0]).toBeCloseTo(Math.max(0, Number(estimate) - t975(n - 1) * error), 5);
      }),
      { numRuns: 40 },
    );
  });

  test('contains the true diversity about 95 times in a hundred', () => {
    const sample = sampler(7, 0.3);
    const pairs = Array.from({ length: 8_000 }, () =>
      Number(embeddingDiversityOf(sample(2)).embedding_diversity),
    );
    const truth = pairs.reduce((sum, each) => sum + each, 0) / pairs.length;
    const holds = Array.from({ length: 500 }, () => embeddingDiversityOf(sample(8)).interval).filter(
      (interval) => interval && interval[0] <= truth && truth <= interval[1],
    ).length;
    expect(holds / 500).toBeGreaterThan(0.92);
    expect(holds / 500).toBeLessThan(0.985);
  });
});

describe('whether two diversities differ', () => {
  test('is false for two samples of one distribution, except for about one in twenty', () => {
    const sample = sampler(11, 0.3);
    const wrong = Array.from({ length: 400 }, () =>
      differ(embeddingDiversityOf(sample(8)), embeddingDiversityOf(sample(8))),
    );
    expect(wrong.filter(Boolean).length / 400).toBeLessThan(0.07);
  });

  test('is true for distributions that are far apart, in either order', () => {
    const wide = embeddingDiversityOf(sampler(3, 0.8)(8));
    const narrow = embeddingDiversityOf(sampler(5, 0.1)(8));
    expect(differ(wide, narrow)).toBe(true);
    expect(differ(narrow, wide)).toBe(true);
  });

  test('is false without an interval, and for a sample and itself', () => {
    const some = embeddingDiversityOf(sampler(3, 0.8)(8));
    expect(differ(some, embeddingDiversityOf([v(1, 0), v(0, 1)]))).toBe(false);
    expect(differ(some, embeddingDiversityOf([]))).toBe(false);
    expect(differ(some, some)).toBe(false);
  });

  test('depends on the estimates alone if neither has any spread', () => {
    const orthogonal = embeddingDiversityOf([v(1, 0, 0), v(0, 1, 0), v(0, 0, 1)]);
    const same = embeddingDiversityOf([v(1, 0, 0), v(1, 0, 0), v(1, 0, 0)]);
    expect(differ(orthogonal, same)).toBe(true);
  });
});

describe('eigenvalues of a symmetric matrix', () => {
  const sorted = (rows: number[][]) =>
    symmetricEigenvalues(rows.map((row) => Float64Array.from(row))).sort((a, b) => a - b);

  test('match those computed by hand', () => {
    expect(sorted([[5]])).toEqual([5]);
    expect(
      sorted([
        [2, 1],
        [1, 2],
      ]).map((each) => +each.toFixed(12)),
    ).toEqual([1, 3]);
    const path = sorted([
      [2, -1, 0],
      [-1, 2, -1],
      [0, -1, 2],
    ]);
    for (const [at, value] of [2 - Math.SQRT2, 2, 2 + Math.SQRT2].entries())
      expect(path[at]).toBeCloseTo(value, 12);
    expect(sorted([])).toEqual([]);
  });

  test('keep the trace and the sum of squares, and solve the characteristic equation', () => {
    const size = 5;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: size * size, maxLength: size * size }),
        (flat) => {
          const at = (i: number, j: number) => flat[Math.min(i, j) * size + Math.max(i, j)] ?? 0;
          const rows = Array.from({ length: size }, (_, i) =>
            Array.from({ length: size }, (_unused, j) => at(i, j)),
          );
          const values = sorted(rows);
          const sum = (list: number[]) => list.reduce((total, value) => total + value, 0);
          expect(sum(values)).toBeCloseTo(sum(rows.map((row, i) => row[i] ?? 0)), 8);
          expect(sum(values.map((value) => value ** 2))).toBeCloseTo(
            sum(rows.flat().map((value) => value ** 2)),
            6,
          );
          for (const value of values) {
            const shifted = rows.map((row, i) => row.map((each, j) => (i === j ? each - value : each)));
            expect(Math.abs(determinant(shifted)) / 1e6).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

const determinant = (rows: number[][]): number =>
  rows.length === 0
    ? 1
    : (rows[0] ?? []).reduce(
        (sum, value, at) =>
          sum +
          (at % 2 === 0 ? 1 : -1) *
            value *
            determinant(rows.slice(1).map((row) => row.filter((_, column) => column !== at))),
        0,
      );

test("the quantiles of Student's t match published tables", () => {
  const table: [number, number][] = [
    [1, 12.706],
    [2, 4.303],
    [7, 2.365],
    [11, 2.201],
    [15, 2.131],
    [30, 2.042],
    [120, 1.98],
    [1e6, 1.96],
  ];
  for (const [df, t] of table) expect(t975(df)).toBeCloseTo(t, 2);
  expect(t975(7.9)).toBe(t975(7));
  expect(t975(0.3)).toBe(t975(1));
});
