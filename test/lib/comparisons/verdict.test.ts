import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Findings } from '../../../lib/comparisons/differences.ts';
import { settingSummary } from '../../../lib/comparisons/setting-summary.ts';
import { verdictOf } from '../../../lib/comparisons/verdict.ts';
import type { ComparedSetting, VerdictFigure } from '../../../lib/comparisons/view.ts';
import { makeBlocks } from '../../factories/measured-block.ts';

type Own = { e2eMs?: number; costUsd?: number; passed?: boolean };
const setting = (
  label: string,
  { e2eMs = 1_000, costUsd = 0.002, passed = true }: Own = {},
): ComparedSetting =>
  settingSummary({ label, model: 'm', requested: {} }, 0, makeBlocks([[{ e2eMs, costUsd, passed }]]), {
    objectives: null,
    hasChecks: true,
    wallTimeMs: null,
  });

type Row = [
  a: string,
  b: string,
  figure: VerdictFigure,
  difference: number,
  clear: boolean,
  statistic?: number,
];
const findings = (rows: Row[]): Findings => ({
  critical: 2.5,
  tested: rows.map(([a, b, figure, difference, clear, statistic = 0]) => ({
    statistic,
    difference: {
      ...{ a, b, figure, difference, clear, n: 10, left_out: 0, interval: null, p: 0.5, finding: '' },
      left_out_by: { failed: 0, cold: 0, uncertain: 0, unknown: 0 },
    },
  })),
});

describe('the verdict of a comparison', () => {
  test('names the fastest and the cheapest setting, and says of whom it cannot be told', () => {
    const settings = [
      setting('A', { e2eMs: 800, costUsd: 0.004 }),
      setting('B'),
      setting('C', { costUsd: 0.001 }),
    ];
    const verdict = verdictOf(
      settings,
      findings([
        ['A', 'B', 'e2e_ms', -200, true, -3],
        ['A', 'C', 'e2e_ms', -200, true, -3],
        ['B', 'C', 'e2e_ms', 0, false],
        ['A', 'B', 'cost_usd', 0.002, true, 3],
        ['A', 'C', 'cost_usd', 0.003, true, 3],
        ['B', 'C', 'cost_usd', 0.001, false, 1.7],
      ]),
      20,
    );
    expect(verdict.fastest).toEqual({
      label: 'A',
      figure: 'e2e_ms',
      clear: true,
      not_told_from: [],
      sentence:
        'A is the fastest (half of its answers end within 800 ms): it is clearly faster than B and C.',
    });
    expect(verdict.cheapest).toEqual({
      label: 'C',
      figure: 'cost_usd',
      clear: false,
      not_told_from: ['B'],
      sentence:
        'C looks the cheapest ($1 for a thousand answers), but cannot be told from B. It is clearly cheaper than A.',
    });
    expect(verdict.most_diverse).toMatchObject({ label: null, clear: false });
    expect(verdict.most_often_right).toMatchObject({
      label: null,
      sentence: 'None is most often right: A, B and C are equal (100% of its answers pass the checks).',
    });
    expect(verdict).toMatchObject({ unbeaten: ['A', 'B', 'C'], beaten: [] });
  });

  test('says which setting beats another, and in what', () => {
    const verdict = verdictOf(
      [setting('A', { e2eMs: 800 }), setting('B')],
      findings([
        ['A', 'B', 'e2e_ms', -200, true, -3],
        ['A', 'B', 'pass_rate', 0.5, true, 3],
        ['A', 'B', 'cost_usd', 0.001, false, 1],
      ]),
      20,
    );
    expect(verdict.unbeaten).toEqual(['A']);
    expect(verdict.summary).toBe(
      'Nothing beats A: each other setting is clearly worse than another one in something, and clearly better in nothing.',
    );
    expect(verdict.beaten).toEqual([
      {
        label: 'B',
        by: 'A',
        better_in: ['e2e_ms', 'pass_rate'],
        sentence:
          'A beats B: it is clearly faster and right more often, and not clearly worse in anything else.',
      },
    ]);
  });

  test('calls settings unbeaten that beat each other in a circle', () => {
    const verdict = verdictOf(
      [setting('A'), setting('B'), setting('C'), setting('D')],
      findings([
        ['A', 'B', 'e2e_ms', -1, true, -3],
        ['B', 'C', 'cost_usd', -1, true, -3],
        ['A', 'C', 'pass_rate', -1, true, -3],
        ['C', 'D', 'e2e_ms', -1, true, -3],
      ]),
      20,
    );
    expect(verdict.unbeaten).toEqual(['A', 'B', 'C']);
    expect(verdict.beaten).toMatchObject([{ label: 'D', by: 'C' }]);
  });

  test('says how many more blocks would probably tell, if that is a sensible number', () => {
    const verdict = verdictOf(
      [setting('A'), setting('B')],
      findings([
        // 20 x ((2.5 + 0.84)² / 2² - 1) = 35.8
        ['A', 'B', 'e2e_ms', 5, false, 2],
        ['A', 'B', 'cost_usd', 1, false, 0.4],
        ['A', 'B', 'ttft_ms' as VerdictFigure, 1, false, 2],
      ]),
      20,
    );
    expect(verdict.untold).toEqual([
      {
        ...{ a: 'A', b: 'B', figure: 'e2e_ms', more_blocks: 36 },
        sentence:
          'A and B cannot be told apart in speed; if the difference stays as it is, about 36 more blocks would probably tell.',
      },
      {
        ...{ a: 'A', b: 'B', figure: 'cost_usd', more_blocks: null },
        sentence:
          'A and B cannot be told apart in cost: the difference is too small to say how many blocks would tell.',
      },
    ]);
  });

  test('says that too few blocks can be compared, instead of a number of blocks', () => {
    const few = findings([['A', 'B', 'e2e_ms', 5, false, 1]]);
    const [only] = few.tested;
    if (only) only.difference.n = 1;
    expect(verdictOf([setting('A'), setting('B')], few, 20).untold).toEqual([
      {
        ...{ a: 'A', b: 'B', figure: 'e2e_ms', more_blocks: null },
        sentence: 'A and B cannot be told apart in speed: only 1 of 20 blocks can be compared.',
      },
    ]);
  });

  test('says that settings were not compared, of more than six', () => {
    const labels = ['A', 'B', 'C'];
    const settings = labels.map((label, at) => setting(label, { e2eMs: 1_000 - 100 * at }));
    const { fastest } = verdictOf(settings, findings([['A', 'C', 'e2e_ms', 200, true, 3]]), 20);
    expect(fastest).toMatchObject({ label: 'C', clear: false, not_told_from: ['B'] });
    expect(fastest.sentence).toBe(
      'C looks the fastest (half of its answers end within 800 ms), but was not compared with B. It is clearly faster than A.',
    );
  });

  test('has nothing to tell of one setting, or of none', () => {
    expect(verdictOf([setting('A')], findings([]), 20)).toMatchObject({
      summary: 'A is the only setting to compare.',
      fastest: { label: null, sentence: 'None is the fastest: there is no other setting to compare.' },
      unbeaten: ['A'],
    });
    expect(verdictOf([], findings([]), 20)).toMatchObject({ unbeaten: [], beaten: [], untold: [] });
  });

  test('always leaves a setting unbeaten, and each beaten one has one that beats it', () => {
    const labels = ['A', 'B', 'C', 'D', 'E'];
    const pairs = labels.flatMap((a, at) => labels.slice(at + 1).map((b) => [a, b] as const));
    const figures: VerdictFigure[] = ['e2e_ms', 'cost_usd', 'embedding_diversity', 'pass_rate'];
    const signs = fc.array(fc.constantFrom(-1, 0, 0, 1), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(signs, (drawn) => {
        const rows = pairs.flatMap(([a, b], pair) =>
          figures.map((figure, at): Row => {
            const sign = drawn[4 * pair + at] ?? 0;
            return [a, b, figure, sign, sign !== 0, 3 * sign];
          }),
        );
        const verdict = verdictOf(
          labels.map((label) => setting(label)),
          findings(rows),
          20,
        );
        expect(verdict.unbeaten.length).toBeGreaterThan(0);
        const both = [...verdict.unbeaten, ...verdict.beaten.map(({ label }) => label)];
        expect(both.toSorted()).toEqual(labels);
        for (const { better_in } of verdict.beaten) expect(better_in.length).toBeGreaterThan(0);
      }),
    );
  });
});
