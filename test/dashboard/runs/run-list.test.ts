import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunList, RunQuery, RunSummary } from '../../../client/index.ts';
import { byNewest, makeRunList, PAGE } from '../../../dashboard/pages/runs/run-list.ts';

const NONE = { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null };

const runOf = (at: number, status: RunSummary['status'] = 'completed', id = `run_${at}`): RunSummary => ({
  id,
  object: 'run',
  status,
  created_at: new Date(at).toISOString(),
  model: 'm',
  models: ['m'],
  labels: ['default'],
  store: true,
  metadata: {},
  conversation: null,
  previous_run: null,
  prompt_preview: 'Explain.',
  text_preview: status === 'completed' ? 'A text.' : null,
  counts: { generations: 1, completed: status === 'completed' ? 1 : 0, failed: 0 },
  usage: NONE,
  cost_usd: null,
  mean_ttft_ms: null,
  mean_tpot_ms: null,
  e2e_ms: null,
  longest_gap_ms: null,
  error: null,
});

/** Runs that are listed as the API lists them: newest first, by status and time, with a cursor at the last one shown. */
const makeApi = (runs: RunSummary[]) => {
  const asked: RunQuery[] = [];
  const list = async (query: RunQuery): Promise<RunList> => {
    asked.push(query);
    const met = runs
      .filter(({ status }) => query.status === undefined || status === query.status)
      .filter(({ created_at }) => query.since === undefined || created_at >= query.since)
      .filter(({ created_at }) => query.until === undefined || created_at < query.until)
      .sort((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at));
    const from = query.cursor === undefined ? 0 : met.findIndex(({ id }) => id === query.cursor) + 1;
    const data = met.slice(from, from + (query.limit ?? PAGE));
    return { data, next_cursor: from + data.length < met.length ? (data.at(-1)?.id ?? null) : null };
  };
  return { list, runs, asked };
};

const ids = (runs: readonly RunSummary[]): string[] => runs.map(({ id }) => id);

describe('the list of runs as a page shows it', () => {
  test('reads page after page until there are no more, each run once', async () => {
    const api = makeApi(Array.from({ length: 2 * PAGE + 5 }, (_, at) => runOf(at)));
    const list = makeRunList(api.list, {}, 0);
    for (let turns = 0; list.hasMore.value; turns++) {
      expect(turns).toBeLessThan(4);
      await list.readMore();
    }
    expect(list.runs.value).toHaveLength(2 * PAGE + 5);
    expect(new Set(ids(list.runs.value)).size).toBe(2 * PAGE + 5);
    await list.readMore();
    expect(api.asked).toHaveLength(3);
  });

  test('asks once for a page that is wanted twice at a time', async () => {
    const api = makeApi(Array.from({ length: 3 * PAGE }, (_, at) => runOf(at)));
    const list = makeRunList(api.list, {}, 0);
    await Promise.all([list.readMore(), list.readMore()]);
    expect(list.runs.value).toHaveLength(PAGE);
  });

  test('keeps what it has where the next page fails, and goes on from there', async () => {
    const api = makeApi(Array.from({ length: PAGE + 1 }, (_, at) => runOf(at)));
    let fails = false;
    const list = makeRunList(
      (query) => {
        if (fails) throw new Error('no answer');
        return api.list(query);
      },
      {},
      0,
    );
    await list.readMore();
    fails = true;
    await list.readMore();
    expect([list.runs.value.length, String(list.error.value)]).toEqual([PAGE, 'Error: no answer']);
    fails = false;
    await list.readMore();
    expect([list.runs.value.length, list.error.value]).toEqual([PAGE + 1, undefined]);
  });

  test('lets new runs wait while they would move what is read, and shows them on demand', async () => {
    const api = makeApi([runOf(1)]);
    const list = makeRunList(api.list, {}, 0);
    await list.readMore();
    api.runs.push(runOf(2), runOf(3));
    await list.poll([], false);
    expect([ids(list.runs.value), list.waiting.value.length]).toEqual([['run_1'], 2]);
    await list.poll([], false);
    expect(list.waiting.value).toHaveLength(2);
    list.show();
    expect(ids(list.runs.value)).toEqual(['run_3', 'run_2', 'run_1']);
    expect(list.waiting.value).toEqual([]);
    api.runs.push(runOf(4));
    await list.poll([], true);
    expect(ids(list.runs.value)).toEqual(['run_4', 'run_3', 'run_2', 'run_1']);
  });

  test('says that there are many new runs instead of reading them all', async () => {
    const api = makeApi([runOf(1)]);
    const list = makeRunList(api.list, {}, 0);
    await list.readMore();
    api.runs.push(...Array.from({ length: 600 }, (_, at) => runOf(at + 2)));
    await list.poll([], true);
    expect([list.waiting.value, list.runs.value.length, api.asked.length]).toEqual(['many', 1, 6]);
  });

  test('reads no more than the newest part of the list when it looks for new runs', async () => {
    const minute = 60_000;
    const api = makeApi(Array.from({ length: 5 * PAGE }, (_, at) => runOf(at * minute)));
    const list = makeRunList(api.list, {}, 0);
    await list.readMore();
    api.runs.push(runOf(5 * PAGE * minute));
    await list.poll([], true);
    expect(ids(list.runs.value).slice(0, 2)).toEqual([`run_${500 * minute}`, `run_${499 * minute}`]);
    expect(api.asked.at(-1)?.since).toBe(new Date(499 * minute - 10_000).toISOString());
    const past = makeRunList(api.list, { until: new Date(minute).toISOString() }, 0);
    await past.readMore();
    const before = api.asked.length;
    await past.poll([], true);
    expect(api.asked).toHaveLength(before);
  });

  test('shows the first run of a list that was empty', async () => {
    const api = makeApi([runOf(1)]);
    const list = makeRunList(api.list, { status: 'failed' }, 1_000_000);
    await list.readMore();
    expect([list.runs.value, list.hasMore.value]).toEqual([[], false]);
    api.runs.push(runOf(1_000_001, 'failed'));
    await list.poll([], true);
    expect(ids(list.runs.value)).toEqual(['run_1000001']);
  });

  test('changes an open run in its place, also one far down and one that its filter no longer finds', async () => {
    const api = makeApi(Array.from({ length: 2 * PAGE }, (_, at) => runOf(at, 'generating')));
    const list = makeRunList(api.list, { status: 'generating' }, 0);
    await list.readMore();
    await list.readMore();
    const far = list.runs.value.at(-3);
    api.runs.splice(2, 1, runOf(2, 'failed'));
    await list.poll(far ? [far] : [], false);
    expect(list.runs.value.at(-3)).toMatchObject({ id: 'run_2', status: 'failed' });
    expect(ids(list.runs.value)).toEqual(Array.from({ length: 2 * PAGE }, (_, at) => `run_${199 - at}`));
  });

  test('puts new runs to their places in time and loses none', () => {
    const runsIn = (name: string) =>
      fc
        .array(fc.nat(30))
        .map((times) =>
          times
            .sort((one, other) => other - one)
            .map((at, place) => runOf(at, 'completed', `${name}${place}`)),
        );
    fc.assert(
      fc.property(runsIn('new'), runsIn('old'), (fresh, old) => {
        const merged = byNewest(fresh, old);
        const times = merged.map(({ created_at }) => Date.parse(created_at));
        expect(times).toEqual(times.toSorted((one, other) => other - one));
        expect(ids(merged).filter((id) => id.startsWith('old'))).toEqual(ids(old));
        expect(ids(merged).filter((id) => id.startsWith('new'))).toEqual(ids(fresh));
      }),
    );
  });
});
