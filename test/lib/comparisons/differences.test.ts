import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compared, differencesOf, settingPairs } from '../../../lib/comparisons/differences.ts';
import { seededRandom } from '../../../lib/comparisons/seeded-random.ts';
import type { Difference, Figure } from '../../../lib/comparisons/view.ts';
import type { EmbeddingDiversity } from '../../../lib/diversity/figures.ts';
import { makeBlocks } from '../../factories/measured-block.ts';

const compare = (own: Partial<Compared> & Pick<Compared, 'blocks'>) =>
  differencesOf({ labels: ['a', 'b'], diversities: [], seed: 'cmp_1', ...own });
const of = (figure: Figure, found: Difference[]) => found.find((one) => one.figure === figure);
const noise = (n: number, seed: string) =>
  Array.from(seededRandom(seed).below(1000, n), (value) => value / 100);

describe('a paired difference', () => {
  test('is the mean of a minus b over the blocks, as worked out by hand', () => {
    const blocks = makeBlocks([
      [{ ttftMs: 10 }, { ttftMs: 14 }],
      [{ ttftMs: 20 }, { ttftMs: 22 }],
      [{ ttftMs: 30 }, { ttftMs: 33 }],
    ]);
    const found = of('ttft_ms', compare({ blocks }));
    expect(found).toMatchObject({ a: 'a', b: 'b', n: 3, left_out: 0, difference: -3 });
    // Resampled means of (-1, 1, 0) lie between -1 and 1; stretched by t(2) / 1.96 x sqrt(3/2) = 2.689.
    expect(found?.interval?.[0]).toBeCloseTo(-3 - 2.6886, 1);
    expect(found?.interval?.[1]).toBeCloseTo(-3 + 2.6886, 1);
    expect(found).toMatchObject({ clear: true, finding: 'a is lower than b' });
  });

  test('is found when it is real, however much the blocks differ', () => {
    const jitter = noise(24, 'jitter');
    const blocks = makeBlocks(
      jitter.map((own, at) => [{ e2eMs: 1000 + 400 * at }, { e2eMs: 1000 + 400 * at + 20 + own }]),
    );
    const found = of('e2e_ms', compare({ blocks }));
    // b takes 20 to 30 ms longer, 25 on average; the blocks themselves are seconds apart.
    expect(found?.interval?.[0]).toBeGreaterThan(-30);
    expect(found?.interval?.[1]).toBeLessThan(-20);
    expect(found?.clear).toBe(true);
  });

  test('is not claimed of identical data', () => {
    const blocks = makeBlocks(noise(10, 'same').map((ttftMs) => [{ ttftMs }, { ttftMs }]));
    for (const found of compare({ blocks })) {
      expect(found).toMatchObject({
        difference: 0,
        interval: [0, 0],
        clear: false,
        finding: 'no clear difference',
      });
    }
  });

  test('is seldom claimed for noise', () => {
    const claimed = Array.from({ length: 200 }, (_, trial) => {
      const [a, b] = [noise(10, `a ${trial}`), noise(10, `b ${trial}`)];
      const blocks = makeBlocks(a.map((ttftMs, at) => [{ ttftMs }, { ttftMs: b[at] ?? 0 }]));
      return of('ttft_ms', compare({ blocks, seed: `cmp_${trial}` }))?.clear;
    });
    expect(claimed.filter(Boolean).length).toBeLessThanOrEqual(20);
  });

  test('leaves a failed generation out with its pair, and counts it', () => {
    const row = (a: number, b: number) => [{ ttftMs: a }, { ttftMs: b }];
    const blocks = makeBlocks([row(1, 2), row(1, 2), row(1, 2), [{ ttftMs: 500 }, 'failed']]);
    expect(of('ttft_ms', compare({ blocks }))).toMatchObject({
      n: 3,
      left_out: 1,
      difference: -1,
      clear: true,
    });
  });

  test('notes that two blocks are too few', () => {
    const blocks = makeBlocks([
      [{ ttftMs: 1 }, { ttftMs: 2 }],
      [{ ttftMs: 1 }, { ttftMs: 2 }],
    ]);
    expect(of('ttft_ms', compare({ blocks }))).toMatchObject({
      interval: null,
      clear: false,
      finding: 'too few pairs to tell',
    });
  });

  test('is not listed for an unknown figure', () => {
    const blocks = makeBlocks([[{ costUsd: null }, { costUsd: null }]]);
    const listed = compare({ blocks }).map(({ figure }) => figure);
    expect(listed).toEqual(['ttft_ms', 'tpot_ms', 'e2e_ms', 'completion_tokens']);
  });

  test('leaves cold starts out of latencies, unless too few pairs would be left', () => {
    const warm = [
      { ttftMs: 10, costUsd: 1 },
      { ttftMs: 11, costUsd: 1 },
    ];
    const cold = [
      { ttftMs: 900, costUsd: 1, coldStart: true },
      { ttftMs: 11, costUsd: 1 },
    ];
    const most = compare({ blocks: makeBlocks([cold, warm, warm, warm]) });
    expect(of('ttft_ms', most)).toMatchObject({ n: 3, left_out: 1, difference: -1 });
    expect(of('cost_usd', most)).toMatchObject({ n: 4, left_out: 0 });
    const few = compare({ blocks: makeBlocks([cold, cold, cold, warm]) });
    expect(of('ttft_ms', few)).toMatchObject({ n: 4, left_out: 0, difference: (3 * 889 - 1) / 4 });
  });

  test('does not depend on the order of the settings', () => {
    const value = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 3, maxLength: 8 }), (rows) => {
        const blocksIn = (order: number[]) =>
          makeBlocks(rows.map((row) => order.map((at) => ({ ttftMs: row[at] ?? 0 }))));
        const labels = ['x', 'y', 'z'];
        const forward = compare({ labels, blocks: blocksIn([0, 1, 2]) });
        const turned = compare({ labels: labels.toReversed(), blocks: blocksIn([2, 1, 0]) });
        for (const one of forward) {
          const other = turned.find(
            ({ a, b, figure }) => a === one.b && b === one.a && figure === one.figure,
          );
          expect(other?.difference).toBeCloseTo(-one.difference, 9);
          expect(other?.interval?.[0]).toBeCloseTo(-(one.interval?.[1] ?? Number.NaN), 6);
          expect(other?.clear).toBe(one.clear);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('a difference of pass rates', () => {
  const blocks = (rows: [boolean, boolean][]) =>
    makeBlocks(rows.map(([a, b]) => [{ passed: a }, { passed: b }]));
  const repeated = (n: number, row: [boolean, boolean]) => Array.from({ length: n }, () => row);

  test('is not clear after a few blocks that agree, and is after more', () => {
    const three = of('pass_rate', compare({ blocks: blocks(repeated(3, [true, false])) }));
    expect(three).toMatchObject({ difference: 1, clear: false });
    const ten = of('pass_rate', compare({ blocks: blocks(repeated(10, [true, false])) }));
    expect(ten).toMatchObject({ difference: 1, clear: true, finding: 'a is higher than b' });
    expect(ten?.interval?.[1]).toBe(1);
  });

  test('contains 0 when both always pass', () => {
    const found = of('pass_rate', compare({ blocks: blocks(repeated(20, [true, true])) }));
    expect(found).toMatchObject({ difference: 0, clear: false });
    expect(found?.interval?.[0]).toBeLessThan(0);
    expect(found?.interval?.[1]).toBeGreaterThan(0);
  });
});

describe('a difference of diversity', () => {
  const diverse = (estimate: number | null, upper: number): EmbeddingDiversity => ({
    n: 4,
    embedding_diversity: estimate,
    interval: estimate === null ? null : [0, upper],
    vendi: null,
  });

  test('covers the prompts that both settings have', () => {
    const found = of(
      'embedding_diversity',
      compare({
        blocks: [],
        diversities: [
          [diverse(0.4, 0.45), diverse(0.6, 0.65), diverse(null, 0)],
          [diverse(0.1, 0.15), diverse(0.3, 0.35), diverse(0.9, 0.95)],
        ],
      }),
    );
    expect(found).toMatchObject({ n: 2, left_out: 1, clear: true });
    expect(found?.difference).toBeCloseTo(0.3, 10);
  });

  test('is not clear below the resolution of the vectors', () => {
    const found = of(
      'embedding_diversity',
      compare({ blocks: [], diversities: [[diverse(0.1 + 1e-9, 0.1 + 1e-9)], [diverse(0.1, 0.1)]] }),
    );
    expect(found).toMatchObject({ clear: false });
  });
});

describe('pairs of settings', () => {
  test('are all of them up to six, then each with the first', () => {
    expect(settingPairs(1)).toEqual([]);
    expect(settingPairs(3)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(settingPairs(6)).toHaveLength(15);
    expect(settingPairs(16)).toHaveLength(15);
    expect(settingPairs(16).every(([a]) => a === 0)).toBe(true);
  });
});
