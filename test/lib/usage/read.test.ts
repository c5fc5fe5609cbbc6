import { describe, expect, test } from 'vitest';
import { makePart, partsOf } from '../../../lib/runs/list/parts.ts';
import type { ListedRun } from '../../../lib/runs/ports.ts';
import type { GenerationFigures } from '../../../lib/runs/run.ts';
import type { UsageGrouping, UsageQuery } from '../../../lib/usage/query.ts';
import { readUsage } from '../../../lib/usage/read.ts';
import { makeMemoryRunList } from '../../memory/run-list.ts';
import { makeMemoryRunStore } from '../../memory/run-store.ts';
import { makeMemoryUsageStore } from '../../memory/usage-store.ts';

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
  uncertain: [],
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
  store: true,
  metadata: {},
  conversation: null,
  previousRun: null,
  file: null,
  error: null,
  promptPreview: null,
  textPreview: null,
  parts: partsOf({ labels, models, samples: generations.length / labels.length, generations }),
  ...changes,
});

/** A caller's list in memory, without sums, so that all is read run by run. */
const listOf = async (runs: ListedRun[]) => {
  const list = makeMemoryRunList();
  for (const run of runs) await list.put(run);
  return {
    list,
    runs: makeMemoryRunStore(),
    totals: makeMemoryUsageStore(),
    // Of the first run, so that no hour has closed.
    clock: { now: () => Math.min(...runs.map(({ createdAt }) => Date.parse(createdAt))) },
  };
};

const query = (...groupBy: UsageGrouping[]) => ({
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
    const report = await readUsage(query(), ['team'], await listOf(runs));
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
  });

  test('has null, not zero, for an unknown cost and a missing first token', async () => {
    const deps = await listOf([listed('run_1', { generations: [figures({ costUsd: null, ttftMs: null })] })]);
    const { total } = await readUsage(query(), ['team'], deps);
    expect(total).toMatchObject({ cost_usd: null, unpriced: 1, mean_ttft_ms: null });
  });

  test('sums the known reasoning tokens, and has null when no output has any', async () => {
    const totalOf = async (...known: (number | null)[]) => {
      const generations = known.map((reasoningTokens) => figures({ reasoningTokens }));
      const { total } = await readUsage(query(), ['team'], await listOf([listed('run_1', { generations })]));
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
    const { groups } = await readUsage(query(groupBy), ['team'], await listOf(runs));
    expect(groups.map(({ key, requests, generations }) => [key, requests, generations])).toEqual(expected);
  });

  test('groups by two at once, and its rows add up to the total', async () => {
    const deps = await listOf(runs);
    const { groups, total, group_by } = await readUsage(
      query({ by: 'day' }, { by: 'model' }),
      ['team'],
      deps,
    );
    expect(group_by).toBe('day,model');
    const shown = groups.map(({ key, keys, requests, generations, failed, unpriced }) => [
      key,
      ...Object.values(keys),
      ...[requests, generations, failed, unpriced],
    ]);
    expect(shown).toEqual([
      [null, '2026-11-20', 'small', 1, 1, 0, 0],
      [null, '2026-11-21', 'large', 2, 2, 1, 0],
      [null, '2026-11-21', 'small', 1, 2, 0, 1],
    ]);
    for (const field of ['generations', 'failed', 'unpriced', 'completion_tokens'] as const)
      expect(groups.reduce((sum, group) => sum + group[field], 0)).toBe(total[field]);
  });

  test('sums several callers up, which share its limit of runs', async () => {
    const own = listed('run_1');
    const deps = await listOf([own, { ...own, caller: 'web' }, { ...own, id: 'run_2', caller: 'web' }]);
    const of = query({ by: 'caller' });
    const report = await readUsage(of, ['team', 'web', 'idle'], deps);
    expect(report.groups.map(({ key, requests }) => [key, requests])).toEqual([
      ['team', 1],
      ['web', 2],
    ]);
    expect(report).toMatchObject({ total: { requests: 3 }, truncated: false });
    const cut = await readUsage(of, ['team', 'web'], { ...deps, maxRuns: 2 });
    expect(cut).toMatchObject({ total: { requests: 2 }, truncated: true });
  });

  test('gives groups whose outputs add up to the total', async () => {
    const { groups, total } = await readUsage(query({ by: 'label' }), ['team'], await listOf(runs));
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

  test('has the cost without the errors of adding up', async () => {
    const generations = [figures({ costUsd: 0.1 }), figures({ costUsd: 0.2 })];
    const { total } = await readUsage(query(), ['team'], await listOf([listed('run_1', { generations })]));
    expect(total.cost_usd).toBe(0.3);
  });

  test('counts the cost of a failed output', async () => {
    const generations = [figures({ status: 'failed', costUsd: 0.25 })];
    const { total } = await readUsage(query(), ['team'], await listOf([listed('run_1', { generations })]));
    expect(total).toMatchObject({ cost_usd: 0.25, failed: 1 });
  });

  test('reads runs one by one up to its limit, the newest first, and reports when there was more', async () => {
    const many = Array.from({ length: 203 }, (_, at) =>
      listed(`run_${at}`, { createdAt: new Date(Date.UTC(2026, 10, 21, 10, at)).toISOString() }),
    );
    const deps = await listOf(many);
    const all = await readUsage(query({ by: 'label' }), ['team'], { ...deps, maxRuns: 203 });
    expect(all).toMatchObject({ truncated: false, total: { requests: 203 } });
    const some = await readUsage(query(), ['team'], { ...deps, maxRuns: 70 });
    expect(some).toMatchObject({ truncated: true, total: { requests: 70 } });
  });

  describe('with sums', () => {
    const period = (kind: 'HOUR' | 'DAY', name: string) => ({ caller: 'team', kind, name });
    const sum = (requests: number, team = 'docs') => ({
      metadata: { team },
      requests,
      failedRequests: 0,
      parts: [makePart({ model: 'small', label: 'default' })],
    });
    /** Two days: the first with a sum of its own, and 10:00 to 12:00 of the second with sums of the hours. */
    const setUp = async (now: string) => {
      const deps = await listOf([
        listed('run_1', { createdAt: '2026-11-20T10:30:00.000Z', metadata: { team: 'docs', task: 'x' } }),
        listed('run_2', { createdAt: '2026-11-21T10:30:00.000Z', metadata: { team: 'docs', task: 'x' } }),
        listed('run_3', { createdAt: '2026-11-21T12:30:00.000Z', metadata: { team: 'docs' } }),
      ]);
      const put = (name: string, kind: 'HOUR' | 'DAY', requests: number) =>
        deps.totals.put(
          period(kind, name),
          { keys: ['team'], shapes: [sum(requests)] },
          { version: 0, marks: 0 },
        );
      await put('2026-11-20T10', 'HOUR', 100);
      await put('2026-11-20', 'DAY', 100);
      await put('2026-11-21T10', 'HOUR', 1_000);
      await put('2026-11-21T11', 'HOUR', 10_000);
      return { ...deps, clock: { now: () => Date.parse(now) } };
    };
    const totalOf = async (
      deps: Parameters<typeof readUsage>[2],
      { since = '2026-11-20', until = '2026-11-22', groupBy = [] }: Partial<UsageQuery> = {},
    ) => {
      const [from, to] = [since, until].map((at) => new Date(at).toISOString());
      const asked = { since: from ?? '', until: to ?? '', groupBy };
      return (await readUsage(asked, ['team'], deps)).total.requests;
    };

    test('takes closed days and hours from them, and the open hours from the list', async () => {
      const deps = await setUp('2026-11-21T12:40:00Z');
      expect(await totalOf(deps)).toBe(11_101);
      expect(await totalOf(deps, { since: '2026-11-20T11:00:00Z' })).toBe(11_001);
      expect(await totalOf(deps, { since: '2026-11-20T09:00:00Z' })).toBe(11_101);
    });

    test('reads the hours at its edges run by run', async () => {
      const deps = await setUp('2026-11-21T12:40:00Z');
      expect(await totalOf(deps, { since: '2026-11-21T10:15:00Z' })).toBe(10_002);
      expect(await totalOf(deps, { since: '2026-11-21T10:45:00Z' })).toBe(10_001);
      expect(await totalOf(deps, { since: '2026-11-21T10:15:00Z', until: '2026-11-21T10:45:00Z' })).toBe(1);
    });

    test('takes a closed hour without sums for one without runs', async () => {
      expect(await totalOf(await setUp('2026-11-21T13:10:59Z'))).toBe(11_101);
      expect(await totalOf(await setUp('2026-11-21T13:11:00Z'))).toBe(11_100);
    });

    test('reads a day that is due by its hours, and an hour that is due run by run', async () => {
      const deps = await setUp('2026-11-21T12:40:00Z');
      await deps.totals.mark(period('DAY', '2026-11-20'), 1);
      expect(await totalOf(deps)).toBe(11_101);
      await deps.totals.mark(period('HOUR', '2026-11-20T10'), 1);
      expect(await totalOf(deps)).toBe(11_002);
    });

    test('takes the earlier sums of an hour that is due and has too many runs', async () => {
      const deps = await setUp('2026-11-21T12:40:00Z');
      await deps.totals.mark(period('HOUR', '2026-11-21T10'), 1);
      const query = { since: '2026-11-20T00:00:00.000Z', until: '2026-11-22T00:00:00.000Z', groupBy: [] };
      const report = await readUsage(query, ['team'], { ...deps, maxRuns: 1 });
      expect(report).toMatchObject({ truncated: true, total: { requests: 11_101 } });
    });

    test('groups by the metadata that is summed, and by other metadata from the list', async () => {
      const deps = await setUp('2026-11-21T12:40:00Z');
      expect(await totalOf(deps, { groupBy: [{ by: 'metadata', key: 'team' }] })).toBe(11_101);
      expect(await totalOf(deps, { groupBy: [{ by: 'metadata', key: 'task' }] })).toBe(3);
    });
  });
});
