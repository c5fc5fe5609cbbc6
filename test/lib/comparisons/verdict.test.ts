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
  summaryOf(
    label,
    Array.from({ length: 10 }, () => ({ e2eMs, costUsd, passed })),
  );
const summaryOf = (label: string, cells: Parameters<typeof makeBlocks>[0][number]): ComparedSetting =>
  settingSummary({ label, model: 'm', requested: {} }, 0, makeBlocks(cells.map((cell) => [cell])), {
    objectives: null,
    hasChecks: true,
    wallTimeMs: null,
  });
const cells = (n: number, own: object) => Array.from({ length: n }, () => own);

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
    isEqual: false,
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
      sentence: 'None is most often right: A, B and C are equal (100% of their answers pass the checks).',
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
      'Nothing beats A: each other setting is clearly worse than another one in speed, cost or pass rate, and clearly better than that one in nothing. Diversity is not known.',
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
    if (only) {
      only.difference.n = 1;
      only.difference.left_out_by.uncertain = 19;
    }
    expect(verdictOf([setting('A'), setting('B')], few, 20).untold).toEqual([
      {
        ...{ a: 'A', b: 'B', figure: 'e2e_ms', more_blocks: null },
        sentence:
          'A and B cannot be told apart in speed: only 1 of 20 blocks can be compared (19 uncertain).',
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

  test('says why no setting is the fastest: every time is uncertain, or cold, or was not measured', () => {
    const fastest = (...settings: ComparedSetting[]) => verdictOf(settings, findings([]), 20).fastest;
    const uncertain = { uncertain: ['e2e_ms' as const] };
    expect(fastest(summaryOf('A', cells(12, uncertain)), summaryOf('B', cells(10, uncertain)))).toMatchObject(
      {
        label: null,
        sentence: 'None is the fastest: all 22 times are uncertain.',
      },
    );
    const cold = { coldStart: true };
    expect(fastest(summaryOf('A', cells(8, cold)), summaryOf('B', cells(8, cold))).sentence).toBe(
      'None is the fastest: all 16 answers came from a cold start.',
    );
    const none = { e2eMs: null };
    expect(fastest(summaryOf('A', cells(8, none)), summaryOf('B', cells(8, none))).sentence).toBe(
      'None is the fastest: no time was measured.',
    );
    expect(fastest(setting('A'), summaryOf('B', cells(12, uncertain))).sentence).toBe(
      'None is the fastest: all 12 times of B are uncertain.',
    );
  });

  test('names no best setting from fewer than six values, and counts the reasons', () => {
    const uncertain = { passed: true, uncertain: ['e2e_ms' as const] };
    const few = summaryOf('B', [...cells(3, { e2eMs: 1 }), ...cells(17, uncertain), 'failed', 'failed']);
    const verdict = verdictOf([setting('A'), few], findings([]), 22);
    expect(verdict.fastest).toMatchObject({
      label: null,
      sentence:
        'None is the fastest: too few times are known, since B has 3 of 22 (2 failed, 17 uncertain); six are needed.',
    });
    expect(verdict.summary).toContain('Too little is known of speed.');
  });

  test('does not call a setting the fastest of all when too little is known of another one', () => {
    const few = summaryOf('C', cells(12, { uncertain: ['e2e_ms' as const] }));
    const settings = [setting('A', { e2eMs: 500 }), setting('B'), few];
    const { fastest } = verdictOf(settings, findings([['A', 'B', 'e2e_ms', -500, true, -3]]), 20);
    expect(fastest).toEqual({
      ...{ label: 'A', figure: 'e2e_ms', clear: false, not_told_from: ['C'] },
      sentence:
        'A looks the fastest (half of its answers end within 500 ms), but too little is known of C. It is clearly faster than B. Not compared: all 12 times of C are uncertain.',
    });
  });

  test('lets diversity save a setting from being beaten, and beat none alone', () => {
    const settings = [setting('A'), setting('B')];
    const alone = verdictOf(settings, findings([['A', 'B', 'embedding_diversity', -0.1, true, -3]]), 20);
    expect(alone).toMatchObject({ unbeaten: ['A', 'B'], beaten: [] });
    expect(alone.summary).toContain(
      'No setting beats another: B is clearly more diverse, which alone beats nothing.',
    );
    const faster = findings([
      ['A', 'B', 'embedding_diversity', -0.1, true, -3],
      ['A', 'B', 'e2e_ms', -100, true, -3],
    ]);
    const both = verdictOf(settings, faster, 20);
    expect(both.unbeaten).toEqual(['A', 'B']);
    expect(both.summary).toContain(
      'No setting beats another; each has a case: A is clearly faster and B is clearly more diverse.',
    );
  });

  test('tells settings that cannot be told apart from those that do not differ at all', () => {
    const settings = [setting('A'), setting('B')];
    const rows = findings([['A', 'B', 'cost_usd', 0, false, 0]]);
    expect(verdictOf(settings, rows, 20).summary).toContain('A and B cannot be told apart.');
    expect(verdictOf(settings, rows, 5).summary).toContain('since nothing is told below six blocks.');
    const equal = { ...rows, tested: rows.tested.map((own) => ({ ...own, isEqual: true })) };
    expect(verdictOf(settings, equal, 20)).toMatchObject({
      summary: 'No setting beats another: A and B do not differ at all. Diversity is not known.',
      untold: [],
    });
  });

  test('names the figures that are not known', () => {
    const bare = ['A', 'B'].map((label) => summaryOf(label, cells(8, { costUsd: null, passed: null })));
    expect(verdictOf(bare, findings([]), 8).summary).toBe(
      'No setting beats another: A and B cannot be told apart. Cost, diversity and pass rate are not known.',
    );
  });

  test('says which setting has no answer, and why', () => {
    const failed = summaryOf(
      'C',
      Array.from({ length: 12 }, () => 'failed' as const),
    );
    expect(failed.errors).toEqual({ model_not_found: 12 });
    expect(verdictOf([setting('A'), setting('B'), failed], findings([]), 12)).toMatchObject({
      summary:
        'No setting beats another: A and B cannot be told apart. C has no answer: model_not_found (12). Diversity is not known.',
      unbeaten: ['A', 'B'],
    });
    expect(verdictOf([setting('A'), failed], findings([]), 12).summary).toBe(
      'A is the only setting with an answer. C has no answer: model_not_found (12).',
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
        for (const { better_in } of verdict.beaten) {
          expect(better_in.some((figure) => figure !== 'embedding_diversity')).toBe(true);
        }
      }),
    );
  });
});
