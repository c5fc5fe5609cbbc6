import { describe, expect, test } from 'vitest';
import { partsOf } from '../../../lib/runs/list/parts.ts';
import type { ListedRun, ListQuery, ListRuns } from '../../../lib/runs/ports.ts';
import type { GenerationFigures } from '../../../lib/runs/run.ts';
import type { UsageGrouping, UsageQuery } from '../../../lib/usage/query.ts';
import { readUsage } from '../../../lib/usage/read.ts';

const figures = (changes: Partial<GenerationFigures> = {}): GenerationFigures => ({
  status: 'completed',
  lease: 'l',
  sha256: null,
  model: 'small',
  promptTokens: 10,
  reasoningTokens: 0,
  passed: null,
  startedAt: null,
  coldStart: false,
  completionTokens: 100,
  ttftMs: 200,
  tpotMs: 10,
  e2eMs: 1200,
  costUsd: 0.5,
  chars: 400,
  chunks: 1,
  errorCode: null,
  longestGapMs: null,
  ...changes,
});

type Made = Partial<Omit<ListedRun, 'parts'>> & {
  labels?: string[];
  models?: string[];
  generations?: GenerationFigures[];
};

const listed = (
  id: string,
  {
    labels = ['default'],
    models = labels.map(() => 'small'),
    generations = [figures()],
    ...changes
  }: Made = {},
): ListedRun => ({
  id,
  caller: 'team',
  status: 'completed',
  createdAt: '2026-11-21T10:00:00.000Z',
  model: 'small',
  metadata: {},
  file: null,
  error: null,
  promptPreview: null,
  textPreview: null,
  parts: partsOf({ labels, models, samples: generations.length / labels.length, generations }),
  ...changes,
});

/** Pages of a list in memory; records the limit of each page. */
const listOf = (runs: ListedRun[]) => {
  const asked: ListQuery[] = [];
  const listRuns: ListRuns = async (query) => {
    asked.push(query);
    const from = Number(query.cursor ?? 0);
    const to = from + query.limit;
    return { runs: runs.slice(from, to), nextCursor: to < runs.length ? String(to) : null };
  };
  return { listRuns, asked };
};

const query = (groupBy: UsageGrouping | null = null): UsageQuery => ({
  since: '2026-11-15T00:00:00.000Z',
  until: '2026-11-22T00:00:00.000Z',
  groupBy,
});

const runs = [
  listed('run_1', {
    labels: ['hot', 'cold'],
    models: ['small', 'large'],
    metadata: { team: 'docs' },
    generations: [
      figures({ ttftMs: 100 }),
      figures({ costUsd: null, promptTokens: null }),
      figures({ ttftMs: 300, costUsd: 0.25 }),
      figures({
        status: 'failed',
        ttftMs: null,
        completionTokens: null,
        costUsd: null,
        errorCode: 'idle_timeout',
      }),
    ],
  }),
  listed('run_2', { createdAt: '2026-11-20T23:59:59.999Z', metadata: { team: 'web' } }),
  listed('run_3', { status: 'failed', generations: [], models: ['large'] }),
];

describe('readUsage', () => {
  test("sums a caller's runs, and reports unknown costs separately", async () => {
    const { listRuns, asked } = listOf(runs);
    const report = await readUsage(query(), 'team', { listRuns });
    expect(report).toEqual({
      since: '2026-11-15T00:00:00.000Z',
      until: '2026-11-22T00:00:00.000Z',
      group_by: null,
      groups: [],
      total: {
        requests: 3,
        failed_requests: 1,
        generations: 5,
        failed: 1,
        prompt_tokens: 40,
        completion_tokens: 400,
        reasoning_tokens: 0,
        cost_usd: 1.25,
        unpriced: 1,
        mean_ttft_ms: 200,
      },
      truncated: false,
    });
    expect(asked).toEqual([
      { caller: 'team', since: report.since, until: report.until, limit: 500, includesDeleted: true },
    ]);
  });

  test('has null, not zero, for an unknown cost and a missing first token', async () => {
    const { listRuns } = listOf([
      listed('run_1', { generations: [figures({ costUsd: null, ttftMs: null })] }),
    ]);
    const { total } = await readUsage(query(), 'team', { listRuns });
    expect(total).toMatchObject({ cost_usd: null, unpriced: 1, mean_ttft_ms: null });
  });

  test('sums the known reasoning tokens, and has null when no output has any', async () => {
    const totalOf = async (...known: (number | null)[]) => {
      const generations = known.map((reasoningTokens) => figures({ reasoningTokens }));
      const { total } = await readUsage(query(), 'team', listOf([listed('run_1', { generations })]));
      return total.reasoning_tokens;
    };
    expect(await totalOf(30, null, 12)).toBe(42);
    expect(await totalOf(0)).toBe(0);
    expect(await totalOf(null, null)).toBeNull();
    expect(await totalOf()).toBeNull();
  });

  test.each<[UsageGrouping, [string | null, number, number][]]>([
    [
      { by: 'model' },
      [
        ['large', 2, 2],
        ['small', 2, 3],
      ],
    ],
    [
      { by: 'label' },
      [
        ['cold', 1, 2],
        ['default', 2, 1],
        ['hot', 1, 2],
      ],
    ],
    [
      { by: 'day' },
      [
        ['2026-11-20', 1, 1],
        ['2026-11-21', 2, 4],
      ],
    ],
    [
      { by: 'metadata', key: 'team' },
      [
        [null, 1, 0],
        ['docs', 1, 4],
        ['web', 1, 1],
      ],
    ],
    [{ by: 'metadata', key: 'toString' }, [[null, 3, 5]]],
  ])('groups by %j: key, requests, generations', async (groupBy, expected) => {
    const { groups } = await readUsage(query(groupBy), 'team', { listRuns: listOf(runs).listRuns });
    expect(groups.map(({ key, requests, generations }) => [key, requests, generations])).toEqual(expected);
  });

  test('gives groups whose outputs add up to the total', async () => {
    const { groups, total } = await readUsage(query({ by: 'label' }), 'team', {
      listRuns: listOf(runs).listRuns,
    });
    for (const field of [
      'generations',
      'failed',
      'prompt_tokens',
      'completion_tokens',
      'unpriced',
    ] as const) {
      expect(groups.reduce((sum, group) => sum + group[field], 0)).toBe(total[field]);
    }
    expect(groups.find(({ key }) => key === 'hot')).toMatchObject({
      mean_ttft_ms: 150,
      cost_usd: 0.5,
      unpriced: 1,
    });
  });

  test('ends at a bounded number of pages where these are empty', async () => {
    let asked = 0;
    const listRuns = async () => {
      asked += 1;
      return { runs: [], nextCursor: `${asked}` };
    };
    expect(await readUsage(query(), 'team', { listRuns })).toMatchObject({ truncated: true });
    expect(asked).toBe(100);
  });

  test('reads page by page up to its limit, and reports when there was more', async () => {
    const many = Array.from({ length: 1_203 }, (_, at) => listed(`run_${at}`));
    const all = listOf(many);
    expect((await readUsage(query(), 'team', { listRuns: all.listRuns })).total.requests).toBe(1_203);
    expect(all.asked).toHaveLength(3);
    const some = listOf(many);
    const report = await readUsage(query(), 'team', { listRuns: some.listRuns, maxRuns: 700 });
    expect(report).toMatchObject({ truncated: true, total: { requests: 700 } });
    expect(some.asked.map(({ limit }) => limit)).toEqual([500, 200]);
  });
});
