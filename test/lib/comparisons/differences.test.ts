import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compared, compareSettings, settingPairs } from '../../../lib/comparisons/differences.ts';
import { seededRandom } from '../../../lib/comparisons/seeded-random.ts';
import type { Difference, Figure } from '../../../lib/comparisons/view.ts';
import type { EmbeddingDiversity } from '../../../lib/diversity/figures.ts';
import { makeBlocks } from '../../factories/measured-block.ts';

const compare = (own: Partial<Compared> & Pick<Compared, 'blocks'>) =>
  compareSettings({
    labels: ['a', 'b'],
    settings: [0, 1],
    diversities: [],
    vectors: [],
    seed: 'cmp_1',
    isOver: true,
    ...own,
  }).tested.map(({ difference }) => difference);
const of = (figure: Figure, found: Difference[]) => found.find((one) => one.figure === figure);
const noise = (n: number, seed: string) =>
  Array.from(seededRandom(seed).below(1000, n), (value) => value / 100);

describe('a paired difference', () => {
  test('is the median of a minus b over the blocks, as worked out by hand', () => {
    const rows = [4, 2, 3, 5, 900, 1].map((by, at) => [{ ttftMs: 10 * at }, { ttftMs: 10 * at + by }]);
    const found = of('ttft_ms', compare({ blocks: makeBlocks(rows) }));
    expect(found).toMatchObject({
      a: 'a',
      b: 'b',
      n: 6,
      left_out: 0,
      difference: -3.5,
      interval: [-900, -1],
    });
    // All six agree: 2 of 64 ways to swap the labels show as much.
    expect(found?.p).toBeCloseTo(2 / 64, 1);
    expect(found).toMatchObject({ clear: true, finding: 'a is lower than b' });
  });

  test('is clear only once the comparison is over', () => {
    const rows = Array.from({ length: 9 }, () => [{ ttftMs: 10 }, { ttftMs: 20 }]);
    expect(of('ttft_ms', compare({ blocks: makeBlocks(rows) }))?.clear).toBe(true);
    expect(of('ttft_ms', compare({ blocks: makeBlocks(rows), isOver: false }))).toMatchObject({
      difference: -10,
      p: null,
      clear: false,
      finding: 'told when the comparison has ended',
    });
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
        interval: found.figure === 'pass_rate' ? expect.anything() : [0, 0],
        clear: false,
        finding: 'no difference at all in 10 pairs',
      });
    }
  });

  test('leaves pairs out by reason, and counts each once', () => {
    const row = (a: number, b: number) => [{ ttftMs: a }, { ttftMs: b }];
    const blocks = makeBlocks([
      ...Array.from({ length: 7 }, () => row(1, 2)),
      [{ ttftMs: 500 }, 'failed'],
      [{ ttftMs: 500, coldStart: true }, 'failed'],
      [
        { ttftMs: 500, coldStart: true },
        { ttftMs: 1, uncertain: ['ttft_ms'] },
      ],
      [{ ttftMs: 500, uncertain: ['ttft_ms'] }, { ttftMs: 1 }],
      [{ ttftMs: 500, uncertain: ['e2e_ms'] }, { ttftMs: null }],
    ]);
    expect(of('ttft_ms', compare({ blocks }))).toMatchObject({
      n: 7,
      left_out: 5,
      left_out_by: { failed: 2, cold: 1, uncertain: 1, unknown: 1 },
      difference: -1,
      clear: true,
    });
  });

  test('leaves a block out when a time of any setting in it is uncertain', () => {
    const blocks = makeBlocks([[{ ttftMs: 1 }, { ttftMs: 2 }, { ttftMs: 3, uncertain: ['ttft_ms'] }]]);
    const labels = ['a', 'b', 'c'];
    expect(of('ttft_ms', compare({ blocks, labels, settings: [0, 1, 2] }))).toMatchObject({
      n: 0,
      left_out_by: { uncertain: 1 },
    });
    expect(of('e2e_ms', compare({ blocks, labels, settings: [0, 1, 2] }))).toMatchObject({ n: 1 });
  });

  test('notes that five blocks are too few', () => {
    const blocks = makeBlocks(Array.from({ length: 5 }, () => [{ ttftMs: 1 }, { ttftMs: 2 }]));
    expect(of('ttft_ms', compare({ blocks }))).toMatchObject({
      interval: null,
      clear: false,
      finding: 'too few pairs to tell',
    });
  });

  test('is of the settings to compare alone', () => {
    const blocks = makeBlocks([[{}, {}, {}]]);
    const found = compare({ labels: ['a', 'b', 'c'], settings: [0, 2], blocks });
    expect(new Set(found.map(({ a, b }) => `${a} ${b}`))).toEqual(new Set(['a c']));
  });

  test('keeps its row and the reasons when no pair has both values', () => {
    const blocks = makeBlocks(
      Array.from({ length: 8 }, (_, at) => [
        { e2eMs: 5, uncertain: at < 6 ? ['e2e_ms' as const] : [], costUsd: 1 },
        at < 6 ? { costUsd: null } : 'failed',
      ]),
    );
    const found = compare({ blocks, hasChecks: true });
    expect(of('e2e_ms', found)).toEqual({
      ...{ a: 'a', b: 'b', figure: 'e2e_ms', n: 0, left_out: 8, difference: null, interval: null, p: null },
      left_out_by: { failed: 2, cold: 0, uncertain: 6, unknown: 0 },
      ...{ clear: false, finding: 'too few pairs to tell' },
    });
    expect(of('cost_usd', found)).toMatchObject({ n: 0, left_out_by: { failed: 2, unknown: 6 } });
  });

  test('of pass rates is listed wherever there are checks', () => {
    const blocks = makeBlocks([[{ passed: null }, 'failed']]);
    expect(of('pass_rate', compare({ blocks, hasChecks: true }))).toMatchObject({ n: 0, difference: null });
    expect(of('pass_rate', compare({ blocks }))).toBeUndefined();
  });

  test('is not listed for a figure that no generation could have', () => {
    const blocks = makeBlocks([[{ costUsd: null }, { costUsd: null }]]);
    const listed = compare({ blocks }).map(({ figure }) => figure);
    expect(listed).toEqual(['ttft_ms', 'tpot_ms', 'e2e_ms', 'completion_tokens']);
  });

  test('leaves cold starts out of times, and keeps them in the rest', () => {
    const warm = [
      { ttftMs: 10, costUsd: 1 },
      { ttftMs: 11, costUsd: 1 },
    ];
    const cold = [
      { ttftMs: 900, costUsd: 1, coldStart: true },
      { ttftMs: 11, costUsd: 1 },
    ];
    const found = compare({ blocks: makeBlocks([cold, warm, cold, cold]) });
    expect(of('ttft_ms', found)).toMatchObject({ n: 1, left_out: 3, difference: -1 });
    expect(of('cost_usd', found)).toMatchObject({ n: 4, left_out: 0 });
  });

  test('does not depend on the order of the settings', () => {
    const value = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 6, maxLength: 9 }), (rows) => {
        const blocksIn = (order: number[]) =>
          makeBlocks(rows.map((row) => order.map((at) => ({ ttftMs: row[at] ?? 0 }))));
        const labels = ['x', 'y', 'z'];
        const forward = compare({ labels, settings: [0, 1, 2], blocks: blocksIn([0, 1, 2]) });
        const settings = [0, 1, 2];
        const turned = compare({ labels: labels.toReversed(), settings, blocks: blocksIn([2, 1, 0]) });
        for (const one of forward) {
          const other = turned.find(
            ({ a, b, figure }) => a === one.b && b === one.a && figure === one.figure,
          );
          expect(other?.difference).toBeCloseTo(-(one.difference ?? Number.NaN), 9);
          expect(other?.interval?.[0]).toBeCloseTo(-(one.interval?.[1] ?? Number.NaN), 6);
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
    expect(found).toMatchObject({ n: 2, left_out: 1, left_out_by: { unknown: 1 } });
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
