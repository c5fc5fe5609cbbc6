import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buryListed, listedOf } from '../../lib/runs/list/entry.ts';
import { listPosition, listRuns } from '../../lib/runs/list/read.ts';
import type { ListQuery, ListRuns, RunList, RunStore } from '../../lib/runs/ports.ts';
import { buriedFigures, type GenerationFigures, type Run } from '../../lib/runs/run.ts';
import { OBJECT_MEMBERS } from '../factories/object-members.ts';
import { makeFigures, makeTimedRun } from '../factories/run.ts';

const T0 = Date.UTC(2026, 10, 22, 13);
const markUsage = async () => {};
const PREVIEWS = { promptPreview: 'Explain', textPreview: 'It is' };

/** The contract of callers' lists of runs and of reading them, for every implementation. */
export const runListContract = (
  name: string,
  open: () => Promise<{ runs: RunStore; list: RunList; close(): Promise<void> }>,
): void => {
  describe(`${name} as a list of runs`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let runs: RunStore;
    let list: RunList;
    beforeAll(async () => {
      opened = await open();
      ({ runs, list } = opened);
    });
    afterAll(async () => opened?.close());

    const enter = async (run: Run) => {
      expect(await runs.create(run)).toBe(true);
      await list.put(listedOf(run, PREVIEWS));
    };
    const created = async (own: Partial<Run> = {}, age = 0) => {
      const run = makeTimedRun(own, age);
      await enter(run);
      return run;
    };
    const listed: ListRuns = (query) => listRuns(query, { runs, list });
    const ids = async (query: Partial<ListQuery> & { caller: string }) =>
      (await listed({ limit: 100, ...query })).runs.map(({ id }) => id);

    describe('an entry', () => {
      test('is never replaced by an earlier stage of its run, and keeps previews that a write leaves out', async () => {
        const run = makeTimedRun({ caller: 'stages', generations: [makeFigures()] });
        await list.put(listedOf({ ...run, generations: [] }, { promptPreview: 'Explain' }));
        await list.put(listedOf({ ...run, status: 'failed' }, { textPreview: 'It is' }));
        const ended = { ...listedOf({ ...run, status: 'failed' }), ...PREVIEWS };
        expect(await list.get(run)).toEqual(ended);
        expect(await list.get(run, { consistent: false })).toEqual(ended);
        await list.put(listedOf({ ...run, generations: [] }, { promptPreview: 'other' }));
        expect(await list.get(run)).toEqual(ended);
        await buryListed({ ...run, status: 'deleted' }, { list, usageKeys: [], markUsage });
        const buried = await list.get(run);
        expect(buried).toMatchObject({ status: 'deleted', textPreview: null, parts: ended.parts });
        await list.put(listedOf({ ...run, status: 'completed' }, PREVIEWS));
        expect(await list.get(run)).toEqual(buried);
      });

      test('of a deleted run says that it had failed, and keeps the usage that it had at its end', async () => {
        const run = makeTimedRun({ caller: 'failed', status: 'failed', generations: [makeFigures()] });
        await list.put(listedOf(run));
        const tombstone: Run = { ...run, status: 'deleted', generations: [makeFigures({ ttftMs: null })] };
        let marks = 0;
        const deps = {
          list,
          usageKeys: [],
          markUsage: async () => {
            marks += 1;
          },
        };
        await buryListed(tombstone, deps, { wasAtRest: true });
        expect(await list.get(run)).toMatchObject({
          ...{ status: 'deleted', hasFailed: true, parts: listedOf(run).parts },
        });
        await buryListed(tombstone, deps);
        expect(marks).toBe(0);
      });

      test('of a run that was deleted under way says that its usage is to be counted, until that is done', async () => {
        const run = makeTimedRun({ caller: 'under-way', status: 'generating' });
        await list.put(listedOf(run));
        const tombstone: Run = { ...run, status: 'deleted', generations: [makeFigures()] };
        const markUsage = async () => {
          throw new Error('killed');
        };
        await expect(buryListed(tombstone, { list, usageKeys: [], markUsage })).rejects.toThrow('killed');
        expect(await list.get(run)).toMatchObject({ status: 'deleted', recount: true });
        let marks = 0;
        const marked = async () => {
          marks += 1;
        };
        for (const _ of [1, 2]) await buryListed(tombstone, { list, usageKeys: [], markUsage: marked });
        expect(marks).toBe(1);
        const entry = await list.get(run);
        expect(entry).not.toHaveProperty('recount');
        expect(entry).toMatchObject({ parts: [{ completed: 1 }] });
      });

      test('of a run that is deleted before its end is listed has what it used, with its times', async () => {
        const run = makeTimedRun({ caller: 'early', status: 'generated', generations: [makeFigures()] });
        await list.put(listedOf({ ...run, status: 'queued', generations: [] }, PREVIEWS));
        const generations = run.generations.map((figures) => buriedFigures(figures, run));
        const tombstone = { ...run, status: 'deleted' as const, labels: [], models: [], generations };
        await buryListed(tombstone, { list, usageKeys: [], markUsage: async () => {} });
        const buried = await list.get(run);
        expect(buried?.parts).toEqual(listedOf(run).parts);
      });

      test('may be written again at the same stage, as after a crash', async () => {
        const run = makeTimedRun({ caller: 'again', status: 'completed', generations: [makeFigures()] });
        await list.put(listedOf(run, PREVIEWS));
        await list.put(listedOf(run, PREVIEWS));
        expect(await list.get(run)).toEqual({ ...listedOf(run), ...PREVIEWS });
        expect(await list.get({ ...run, caller: 'nobody' })).toBeUndefined();
      });

      test.each(OBJECT_MEMBERS)('keeps metadata and a label under the name %s', async (member) => {
        const metadata = Object.fromEntries([[member, 'x']]);
        const run = makeTimedRun({ caller: 'members', labels: [member], metadata, error: null });
        await list.put(listedOf(run));
        const entry = await list.get(run);
        expect(Object.entries(entry?.metadata ?? {})).toEqual([[member, 'x']]);
        expect(entry?.parts.map(({ label }) => label)).toEqual([member]);
      });

      test('keeps what each setting has used, unknown figures apart', async () => {
        const unknown = { promptTokens: null, costUsd: null, ttftMs: null, longestGapMs: null };
        const failed = makeFigures({ status: 'failed', completionTokens: null, ...unknown });
        const run = makeTimedRun({
          caller: 'parts',
          status: 'completed',
          labels: ['a', 'b'],
          models: ['m-1', 'own/m-2'],
          samples: 2,
          generations: [makeFigures(), makeFigures(unknown), failed, makeFigures({ longestGapMs: 99.25 })],
        });
        await list.put(listedOf(run));
        const entry = await list.get(run);
        expect(entry?.parts).toEqual(listedOf(run).parts);
        expect(entry?.parts).toMatchObject([
          { model: 'm-1', label: 'a', completed: 2, failed: 0, unknown: { promptTokens: 1, costUsd: 1 } },
          { model: 'own/m-2', label: 'b', completed: 1, failed: 1, longestGapMs: 99.25 },
        ]);
      });
    });

    test('pages are newest first across partitions, within their times, and go on after a place', async () => {
      const caller = 'merged';
      const all = Array.from({ length: 60 }, (_, age) => makeTimedRun({ caller }, age));
      await Promise.all(all.map((run) => list.put(listedOf(run))));
      const read = async (query: Partial<Parameters<RunList['newest']>[0]>) => {
        const found: string[] = [];
        for await (const page of list.newest({ caller, limit: 5, ...query }))
          found.push(...page.map(({ id }) => id));
        return found;
      };
      const expected = all.map(({ id }) => id);
      expect(await read({})).toEqual(expected);
      expect(await read({ consistent: true, limit: 500 })).toEqual(expected);
      expect(await read({ after: listPosition(all[10]) })).toEqual(expected.slice(11));
      const times = { since: all[40]?.createdAt ?? '', until: all[5]?.createdAt ?? '' };
      expect(await read(times)).toEqual(expected.slice(6, 41));
      expect(await read({ ...times, after: listPosition(all[38]) })).toEqual(expected.slice(39, 41));
    });

    describe('lists', () => {
      test('return the caller’s own runs, newest first, with the fields of a list entry', async () => {
        const own = {
          caller: 'lists',
          status: 'failed',
          generations: [makeFigures()],
          metadata: { team: 'a' },
          error: { code: 'x', message: 'y' },
        } as const;
        const old = await created({ ...own, generations: [...own.generations] }, 2);
        const file = { fileId: 'file_1', block: 0, line: 1 };
        const young = await created({ ...own, generations: [...own.generations], file }, 1);
        await created({ caller: 'lists-other' });
        expect(await ids({ caller: 'lists' })).toEqual([young.id, old.id]);
        const [entry] = (await listed({ caller: 'lists', limit: 1 })).runs;
        expect(entry).toEqual({ ...listedOf(young), promptPreview: 'Explain', textPreview: 'It is' });
        expect(await ids({ caller: 'nobody' })).toEqual([]);
      });

      test('have an open run as it is now, and forget an entry whose run was never created', async () => {
        const open = await created({ caller: 'open' }, 1);
        const orphan = makeTimedRun({ caller: 'open' });
        await list.put(listedOf(orphan));
        await runs.change(open.id, { status: 'generated', generations: [makeFigures()] }, {});
        const [entry, ...others] = (await listed({ caller: 'open', limit: 9 })).runs;
        expect(others).toEqual([]);
        expect(entry).toMatchObject({ id: open.id, status: 'generated', parts: [{ completed: 1 }] });
        expect(await ids({ caller: 'open', status: 'queued' })).toEqual([]);
        expect(await ids({ caller: 'open', status: 'generated' })).toEqual([open.id]);
        // Deleted, and its entry is still as it was.
        await runs.change(open.id, { status: 'deleted' }, {});
        expect((await listed({ caller: 'open', limit: 9, status: 'deleted' })).runs).toMatchObject([
          {
            id: open.id,
            status: 'deleted',
            promptPreview: null,
            textPreview: null,
            parts: [{ completed: 1 }],
          },
        ]);
      });

      test('leave deleted runs out, unless these are asked for, with what they have used', async () => {
        const own = { caller: 'deleting', metadata: { team: 'a', bill: 'x' }, generations: [makeFigures()] };
        const kept = await created({ caller: 'deleting' }, 1);
        const gone = await created({ ...own, status: 'completed' });
        await buryListed(
          { ...gone, status: 'deleted', labels: [], models: [] },
          { list, usageKeys: ['bill'], markUsage },
        );
        expect(await ids({ caller: 'deleting' })).toEqual([kept.id]);
        const { runs: all } = await listed({ caller: 'deleting', limit: 10, includesDeleted: true });
        expect(all.map(({ id }) => id)).toEqual([gone.id, kept.id]);
        expect(all[0]).toEqual({
          id: gone.id,
          caller: 'deleting',
          status: 'deleted',
          createdAt: gone.createdAt,
          model: '',
          store: true,
          metadata: { bill: 'x' },
          conversation: null,
          previousRun: null,
          file: null,
          error: null,
          promptPreview: null,
          textPreview: null,
          parts: listedOf(gone).parts,
        });
      });

      test('filter by status, model, label, file and metadata, and by all of them together', async () => {
        const caller = 'filters';
        const all = {
          status: 'completed',
          model: 'm-1',
          labels: ['a', 'b'],
          file: { fileId: 'file_9', block: 0, line: 1 },
          metadata: { team: 'docs', env: 'prod' },
        } as const;
        const match = await created({ caller, ...all, labels: [...all.labels] });
        await created({ caller });
        const near = await created({
          caller,
          ...all,
          labels: ['ab'],
          metadata: { team: 'docs', env: 'test' },
        });
        expect(await ids({ caller, status: 'completed' })).toEqual([near.id, match.id]);
        expect(await ids({ caller, model: 'm-1' })).toEqual([near.id, match.id]);
        expect(await ids({ caller, model: 'm-' })).toEqual([]);
        expect(await ids({ caller, label: 'b' })).toEqual([match.id]);
        expect(await ids({ caller, file: 'file_9' })).toEqual([near.id, match.id]);
        expect(await ids({ caller, file: 'file_8' })).toEqual([]);
        expect(await ids({ caller, metadata: { team: 'docs' } })).toEqual([near.id, match.id]);
        expect(await ids({ caller, metadata: { team: 'docs', env: 'prod' } })).toEqual([match.id]);
        expect(
          await ids({
            caller,
            status: 'completed',
            model: 'm-1',
            label: 'a',
            file: 'file_9',
            metadata: { env: 'prod' },
          }),
        ).toEqual([match.id]);
      });

      test('filter by the models of their settings: in full, by name or by provider', async () => {
        const caller = 'models';
        const of = (age: number, ...models: string[]) => {
          const labels = models.map((_, at) => `setting ${at}`);
          return created({ caller, model: 'asked', labels, models }, age);
        };
        const own = await of(4, 'llama-3');
        const groq = await of(3, 'own-model', 'groq/llama-3');
        const nested = await of(2, 'router/meta/llama-3');
        expect(await ids({ caller, model: 'groq/llama-3' })).toEqual([groq.id]);
        expect(await ids({ caller, model: 'llama-3' })).toEqual([groq.id, own.id]);
        expect(await ids({ caller, model: 'default/llama-3' })).toEqual([own.id]);
        expect(await ids({ caller, model: 'meta/llama-3' })).toEqual([nested.id]);
        expect(await ids({ caller, model: 'groq' })).toEqual([groq.id]);
        expect(await ids({ caller, model: 'own-model' })).toEqual([groq.id]);
        // None of its settings asks for the model that the run names beside them.
        expect(await ids({ caller, model: 'asked' })).toEqual([]);
        expect(await ids({ caller, model: 'llama' })).toEqual([]);
      });

      test('filter by labels and metadata that are named after members of Object, as by any other', async () => {
        const caller = 'constructor';
        await created({ caller }, 3);
        for (const [at, name] of OBJECT_MEMBERS.entries()) {
          const metadata = Object.fromEntries([[name, 'x']]);
          const run = await created({ caller, labels: [name], metadata }, 4 + at);
          expect(await ids({ caller, metadata })).toEqual([run.id]);
          expect(await ids({ caller, label: name })).toEqual([run.id]);
          expect(await ids({ caller, metadata: Object.fromEntries([[name, 'y']]) })).toEqual([]);
        }
      });

      test('begin at since, its instant included, and end before until', async () => {
        const caller = 'times';
        const [a, b, c] = await Promise.all([3, 2, 1].map((age) => created({ caller }, age)));
        const at = (run: Run | undefined) => run?.createdAt ?? '';
        expect(await ids({ caller, since: at(b) })).toEqual([c?.id, b?.id]);
        expect(await ids({ caller, until: at(b) })).toEqual([a?.id]);
        expect(await ids({ caller, since: at(a), until: at(c) })).toEqual([b?.id, a?.id]);
        expect(await ids({ caller, since: at(b), until: at(c) })).toEqual([b?.id]);
      });

      test('continue from a cursor without gap or repetition, also when a filter leaves most runs out', async () => {
        const caller = 'pages';
        const all: Run[] = [];
        for (let age = 1; age <= 230; age += 1)
          all.push(makeTimedRun({ caller, model: age % 23 === 0 ? 'rare' : 'often' }, age));
        await Promise.all(all.map((run) => enter(run)));
        const walk = async (query: Partial<ListQuery>) => {
          const seen: string[] = [];
          let cursor: string | null = null;
          let pages = 0;
          do {
            const page: Awaited<ReturnType<ListRuns>> = await listed({
              caller,
              limit: 7,
              ...query,
              ...(cursor && { cursor }),
            });
            expect(page.runs.length).toBeLessThanOrEqual(query.limit ?? 7);
            seen.push(...page.runs.map(({ id }) => id));
            cursor = page.nextCursor;
            pages += 1;
          } while (cursor !== null && pages < 100);
          return seen;
        };
        expect(await walk({ limit: 50 })).toEqual(all.map(({ id }) => id));
        expect(await walk({ model: 'rare' })).toEqual(
          all.filter(({ model }) => model === 'rare').map(({ id }) => id),
        );
        const since = all[19]?.createdAt ?? '';
        const until = all[4]?.createdAt ?? '';
        expect(await walk({ since, until })).toEqual(all.slice(5, 20).map(({ id }) => id));
      });

      test('keep the runs whose figures are within all bounds, both ends included, and no unknown figure', async () => {
        const caller = 'bounds';
        const of = (age: number, own: Partial<GenerationFigures>) =>
          created({ caller, status: 'completed', generations: [makeFigures(own)] }, age);
        const fast = await of(1, { ttftMs: 100, completionTokens: 10, costUsd: 0.001 });
        const slow = await of(2, { ttftMs: 900, completionTokens: 90, costUsd: 0.02 });
        const unknown = await of(3, { ttftMs: 500, completionTokens: null, costUsd: null });
        await created({ caller }, 4);
        expect(await ids({ caller, bounds: { ttft_ms: { max: 500 } } })).toEqual([fast.id, unknown.id]);
        expect(await ids({ caller, bounds: { ttft_ms: { min: 500 } } })).toEqual([slow.id, unknown.id]);
        expect(await ids({ caller, bounds: { ttft_ms: { min: 500, max: 500 } } })).toEqual([unknown.id]);
        expect(await ids({ caller, bounds: { tokens: { min: 0 } } })).toEqual([fast.id, slow.id]);
        expect(await ids({ caller, bounds: { cost_usd: { min: 0.001, max: 0.01 } } })).toEqual([fast.id]);
        expect(await ids({ caller, bounds: { ttft_ms: { min: 500 }, tokens: { max: 100 } } })).toEqual([
          slow.id,
        ]);
      });

      test('sort by a figure, by means and sums over the completed outputs, open runs last', async () => {
        const caller = 'sorted';
        const of = (age: number, ...generations: GenerationFigures[]) =>
          created({ caller, status: 'completed', samples: generations.length, generations }, age);
        const figures = (ttftMs: number | null, completionTokens: number) =>
          makeFigures({ ttftMs, completionTokens });
        const failed = makeFigures({ status: 'failed', ttftMs: null, completionTokens: null });
        const mean200 = await of(1, figures(100, 5), figures(300, 6), failed);
        const other200 = await of(2, figures(200, 30));
        const slow = await of(3, figures(900, 2));
        const unknown = await of(4, figures(null, 20));
        const open = await created({ caller, status: 'generating' }, 5);
        const generated = await created({ caller }, 6);
        await runs.change(generated.id, { status: 'generated', generations: [figures(50, 1)] }, {});
        const sorted = (sort: ListQuery['sort'], more: Partial<ListQuery> = {}) =>
          ids({ caller, ...more, ...(sort && { sort }) });
        const [g, m, o, s, u] = [generated, mean200, other200, slow, unknown].map(({ id }) => id);
        expect(await sorted({ by: 'ttft_ms', descending: false })).toEqual([g, m, o, s, u, open.id]);
        expect(await sorted({ by: 'ttft_ms', descending: true })).toEqual([s, m, o, g, u, open.id]);
        expect(await sorted({ by: 'tokens', descending: true })).toEqual([o, u, m, s, g, open.id]);
        expect(await sorted({ by: 'created_at', descending: false })).toEqual([g, open.id, u, s, o, m]);
        const bounds = { tokens: { min: 2, max: 20 } };
        expect(await sorted({ by: 'tokens', descending: false }, { bounds })).toEqual([s, m, u]);
        const until = mean200.createdAt;
        expect(await sorted({ by: 'ttft_ms', descending: false }, { until, status: 'completed' })).toEqual([
          o,
          s,
          u,
        ]);
      });

      test('go on with a sorted list where a page ends, whatever the caller’s other runs do meanwhile', async () => {
        const caller = 'sorted-pages';
        const figures = (tpotMs: number | null) => makeFigures({ tpotMs });
        const all: Run[] = [];
        for (let age = 1; age <= 25; age += 1)
          all.push(
            makeTimedRun({ caller, status: 'completed', generations: [figures(age % 7 || null)] }, age),
          );
        await Promise.all(all.map((run) => enter(run)));
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<ListRuns>> = await listed({
            ...{ caller, limit: 4, sort: { by: 'tpot_ms', descending: false } },
            ...(cursor && { cursor }),
          });
          seen.push(...page.runs.map(({ id }) => id));
          cursor = page.nextCursor;
          await created({ caller, status: 'completed', generations: [figures(1)] }, 30 + seen.length);
        } while (cursor !== null);
        const value = ({ generations: [one] }: Run) => one?.tpotMs ?? 99;
        const expected = all.toSorted((a, b) => value(a) - value(b)).map(({ id }) => id);
        expect(seen.filter((id) => expected.includes(id))).toEqual(expected);
        expect(new Set(seen).size).toBe(seen.length);
      });

      test('read a bounded number of runs in a call: a filter that none passes gives an empty page with a cursor', async () => {
        const caller = 'never';
        const all = Array.from({ length: 1_050 }, (_, age) =>
          makeTimedRun({ caller, model: age === 1_049 ? 'last' : age === 0 ? 'first' : 'm' }, age),
        );
        for (let at = 0; at < all.length; at += 50) {
          await Promise.all(all.slice(at, at + 50).map((run) => enter(run)));
        }
        const first = await listed({ caller, limit: 5, model: 'last' });
        expect(first).toEqual({ runs: [], nextCursor: expect.any(String) });
        const rest = await listed({ caller, limit: 5, model: 'last', cursor: first.nextCursor ?? '' });
        expect([rest.runs.map(({ id }) => id), rest.nextCursor]).toEqual([[all.at(-1)?.id], null]);
        // A full page does not look for one more match without end either.
        const full = await listed({ caller, limit: 1, model: 'first' });
        expect(full).toEqual({
          runs: [expect.objectContaining({ id: all[0]?.id })],
          nextCursor: expect.any(String),
        });
      }, 60_000);

      test.each([
        '',
        'nonsense',
        Buffer.from('2026-11-22T13:00:00.000Z#run_short').toString('base64url'),
        Buffer.from('x#run_00000000000000000000000001').toString('base64url'),
      ])('refuse the cursor %j, which no list returned', async (cursor) => {
        await expect(listed({ caller: 'docs', limit: 5, cursor })).rejects.toMatchObject({
          name: 'InvalidInputError',
          issues: [{ path: 'cursor' }],
        });
      });

      test('end where since, which may move on from page to page, has passed the last place', async () => {
        const caller = 'moved-since';
        await Promise.all([5, 6, 7].map((age) => created({ caller }, age)));
        const { nextCursor } = await listed({ caller, limit: 1 });
        const since = new Date(T0 - 60_000).toISOString();
        expect(await listed({ caller, limit: 1, cursor: nextCursor ?? '', since })).toEqual({
          runs: [],
          nextCursor: null,
        });
      });

      test('refuse a cursor from after the requested times', async () => {
        const caller = 'other-times';
        await Promise.all([5, 6, 7].map((age) => created({ caller }, age)));
        const { nextCursor } = await listed({ caller, limit: 1 });
        expect(nextCursor).not.toBeNull();
        const cursor = nextCursor ?? '';
        const until = new Date(T0 - 6 * 60_000).toISOString();
        await expect(listed({ caller, limit: 1, cursor, until })).rejects.toMatchObject({
          name: 'InvalidInputError',
        });
      });

      test('never lead from one caller to the runs of another, whatever the cursor', async () => {
        await created({ caller: 'alice' }, 1);
        await created({ caller: 'alice' }, 2);
        const { nextCursor } = await listed({ caller: 'alice', limit: 1 });
        const own = await created({ caller: 'bob' }, 3);
        expect(await ids({ caller: 'bob', cursor: nextCursor ?? '' })).toEqual([own.id]);
      });
    });
  });
};
