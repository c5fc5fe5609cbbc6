import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DUE_SHARDS, dueShardOf } from '../../lib/runs/due.ts';
import type { DueIndex, RunStore } from '../../lib/runs/ports.ts';
import type { Run } from '../../lib/runs/run.ts';
import { OBJECT_MEMBERS } from '../factories/object-members.ts';
import { makeFigures, makeTimedRun } from '../factories/run.ts';
import { pagesOf } from '../memory/due-index.ts';

const T0 = Date.UTC(2026, 10, 22, 13);
/** The contract of the store of runs and its due index, for every implementation. */
export const runStoreContract = (
  name: string,
  open: () => Promise<{ runs: RunStore; dueIndex: DueIndex; close(): Promise<void> }>,
): void => {
  describe(`${name} as a run store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let runs: RunStore;
    beforeAll(async () => {
      opened = await open();
      runs = opened.runs;
    });
    afterAll(async () => opened?.close());

    const created = async (own: Partial<Run> = {}, age = 0) => {
      const run = makeTimedRun(own, age);
      expect(await runs.create(run)).toBe(true);
      return run;
    };

    describe('writing', () => {
      test.each(OBJECT_MEMBERS)('keeps metadata and figures by label under the name %s', async (name) => {
        const metadata = Object.fromEntries([[name, 'x']]);
        const figures = { n: 2, embedding_diversity: 0.5, interval: null, vendi: 1.5 };
        const byLabel = Object.fromEntries([[name, figures]]);
        const run = await created({ metadata, labels: [name] });
        const diversity = { all: figures, byLabel };
        const changed = await runs.change(run.id, { diversity }, {});
        expect(Object.entries(changed?.metadata ?? {})).toEqual([[name, 'x']]);
        const read = await runs.get(run.id);
        expect(Object.entries(read?.metadata ?? {})).toEqual([[name, 'x']]);
        expect(Object.entries(read?.diversity?.byLabel ?? {})).toEqual(Object.entries(byLabel));
        expect(read?.labels).toEqual([name]);
      });

      test('returns a run with every field as it was created', async () => {
        const plain = await created();
        const full = await created({
          status: 'generating',
          labels: ['Top-k 40', 'Top-p 0.9'],
          samples: 2,
          index: false,
          store: false,
          requestHash: '',
          conversation: 'Plans',
          previousRun: 'run_0',
          turnKey: '0123456789',
          metadata: { team: 'docs', 'a.b c': 'ü' },
          request: null,
          template: 'files/file_1/template.json',
          attempts: 2,
          embedAttempts: 3,
          lease: { token: 'aa11', until: T0 + 60_000 },
          generations: [
            makeFigures({ uncertain: ['ttft_ms', 'e2e_ms'] }),
            makeFigures({
              status: 'failed',
              sha256: null,
              promptTokens: null,
              completionTokens: null,
              ttftMs: null,
              tpotMs: null,
              e2eMs: null,
              costUsd: null,
              chars: 0,
              chunks: 0,
              errorCode: 'server_error',
            }),
          ],
          pending: ['RunGenerated'],
          dueTries: 3,
          file: { fileId: 'file_1', block: 2, line: 501 },
          trace: {
            traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
            parentId: '00f067aa0ba902b7',
            sampled: true,
            xray: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
          },
          error: { code: 'server_error', message: 'answered 500', status: 500 },
          diversity: {
            all: { n: 2, embedding_diversity: 0.25, interval: null, vendi: 1.5 },
            byLabel: { 'Top-k 40': { n: 2, embedding_diversity: 0.25, interval: [0.125, 0.5], vendi: 1.5 } },
          },
        });
        expect(await runs.get(plain.id)).toEqual(plain);
        expect(await runs.get(full.id)).toEqual(full);
      });

      test('creates an id once, and leaves the first run as it is', async () => {
        const run = await created();
        expect(await runs.create({ ...run, status: 'failed' })).toBe(false);
        expect(await runs.get(run.id)).toEqual(run);
      });

      test('lets one of two concurrent creations win', async () => {
        const run = makeTimedRun();
        const won = await Promise.all([runs.create(run), runs.create({ ...run, model: 'other' })]);
        expect(won.filter(Boolean)).toHaveLength(1);
      });

      test('returns nothing for an unknown id, and changes do not create it', async () => {
        const { id } = makeTimedRun();
        expect(await runs.get(id)).toBeUndefined();
        expect(await runs.change(id, { status: 'failed' }, {})).toBeUndefined();
        expect(
          await runs.change(id, { dueAt: 1 }, { leaseBefore: T0, dueAt: null, pending: [] }),
        ).toBeUndefined();
        expect(await runs.get(id)).toBeUndefined();
      });

      test('changes the named fields, keeps the rest, and returns the run after the change', async () => {
        const run = await created({ pending: ['RunGenerated'], metadata: { team: 'docs' } });
        const changed = await runs.change(
          run.id,
          { status: 'generating', attempts: 1, lease: { token: 'a1', until: T0 } },
          {},
        );
        const expected = { ...run, status: 'generating', attempts: 1, lease: { token: 'a1', until: T0 } };
        expect(changed).toEqual(expected);
        expect(await runs.get(run.id)).toEqual(expected);
      });

      test('removes lease, error, due time, request and pending events', async () => {
        const run = await created({
          lease: { token: 'a1', until: T0 },
          error: { code: 'x', message: 'y' },
          pending: ['RunFailed'],
          embedAttempts: 2,
          diversity: { all: { n: 0, embedding_diversity: null, interval: null, vendi: null }, byLabel: {} },
        });
        const bare = {
          embedAttempts: 0,
          lease: null,
          error: null,
          pending: [],
          dueAt: null,
          diversity: null,
          request: null,
        };
        expect(await runs.change(run.id, bare, {})).toEqual({ ...run, ...bare });
        expect(await runs.get(run.id)).toEqual({ ...run, ...bare });
      });
    });

    describe('conditions', () => {
      const holds = async (own: Partial<Run>, condition: Parameters<RunStore['change']>[2]) => {
        const run = await created(own);
        const changed = await runs.change(run.id, { dueTries: 9 }, condition);
        expect((await runs.get(run.id))?.dueTries).toBe(changed ? 9 : run.dueTries);
        return changed !== undefined;
      };

      test('on the status hold for each of the statuses named and no other', async () => {
        expect(await holds({ status: 'queued' }, { status: ['queued', 'generating'] })).toBe(true);
        expect(await holds({ status: 'generating' }, { status: ['queued', 'generating'] })).toBe(true);
        expect(await holds({ status: 'deleted' }, { status: ['queued', 'generating'] })).toBe(false);
      });

      test('on a lease token hold for that token alone', async () => {
        const lease = { token: 'a1', until: T0 };
        expect(await holds({ lease }, { leaseToken: 'a1' })).toBe(true);
        expect(await holds({ lease }, { leaseToken: 'b2' })).toBe(false);
        expect(await holds({ lease: null }, { leaseToken: 'a1' })).toBe(false);
      });

      test('on the age of a lease hold when it is absent or ended earlier, not when it ends at that instant', async () => {
        expect(await holds({ lease: null }, { leaseBefore: T0 })).toBe(true);
        expect(await holds({ lease: { token: 'a1', until: T0 - 1 } }, { leaseBefore: T0 })).toBe(true);
        expect(await holds({ lease: { token: 'a1', until: T0 } }, { leaseBefore: T0 })).toBe(false);
      });

      test('on the due time hold for that time; null means no due time', async () => {
        expect(await holds({ dueAt: T0 }, { dueAt: T0 })).toBe(true);
        expect(await holds({ dueAt: T0 + 1 }, { dueAt: T0 })).toBe(false);
        expect(await holds({ dueAt: null }, { dueAt: T0 })).toBe(false);
        expect(await holds({ dueAt: null }, { dueAt: null })).toBe(true);
        expect(await holds({ dueAt: T0 }, { dueAt: null })).toBe(false);
      });

      test('on pending events hold for exactly these', async () => {
        expect(await holds({ pending: ['RunGenerated'] }, { pending: ['RunGenerated'] })).toBe(true);
        expect(await holds({ pending: ['RunCompleted'] }, { pending: ['RunGenerated'] })).toBe(false);
        expect(await holds({ pending: [] }, { pending: [] })).toBe(true);
        expect(await holds({ pending: ['RunFailed'] }, { pending: [] })).toBe(false);
      });

      test('must all hold together', async () => {
        const own = { status: 'generating', lease: { token: 'a1', until: T0 } } as const;
        expect(await holds(own, { status: ['generating'], leaseToken: 'a1', leaseBefore: T0 + 1 })).toBe(
          true,
        );
        expect(await holds(own, { status: ['queued'], leaseToken: 'a1', leaseBefore: T0 + 1 })).toBe(false);
      });

      test('let through one of two writers that read the same state', async () => {
        const run = await created();
        const claim = (token: string) =>
          runs.change(run.id, { status: 'generating', lease: { token, until: T0 } }, { status: ['queued'] });
        const won = await Promise.all([claim('a1'), claim('b2')]);
        expect(won.filter((each) => each !== undefined)).toHaveLength(1);
      });
    });

    describe('the due index', () => {
      const due = async (before: number) => {
        const ids = await Promise.all(
          Array.from({ length: DUE_SHARDS }, async (_, shard) => {
            const pages = await pagesOf(opened.dueIndex.due(shard, before));
            return pages.flat().map((item) => ({ ...item, shard }));
          }),
        );
        return ids.flat();
      };

      test('lists the due runs of its shard, oldest first, and nothing else', async () => {
        const at = Date.UTC(1999, 0, 1);
        const [late, early, later, never] = await Promise.all(
          [at, at - 5, at + 1, null].map((dueAt) => created({ dueAt })),
        );
        const found = await due(at);
        const pks = found.map(({ pk }) => pk);
        expect(pks).toContain(`RUN#${late?.id}`);
        expect(pks).toContain(`RUN#${early?.id}`);
        expect(pks).not.toContain(`RUN#${later?.id}`);
        expect(pks).not.toContain(`RUN#${never?.id}`);
        expect(found.every(({ pk, sk, shard }) => sk === 'RUN' && shard === dueShardOf(pk))).toBe(true);
      });

      test('follows changes: a run leaves it without a due time and enters it with one', async () => {
        const at = Date.UTC(1999, 5, 1);
        const run = await created({ dueAt: at });
        await runs.change(run.id, { dueAt: null }, {});
        expect((await due(at)).map(({ pk }) => pk)).not.toContain(`RUN#${run.id}`);
        await runs.change(run.id, { dueAt: at - 1 }, { dueAt: null });
        expect((await due(at)).map(({ pk }) => pk)).toContain(`RUN#${run.id}`);
      });

      test('is read page by page to its end', async () => {
        const at = Date.UTC(1998, 0, 1);
        const many: Run[] = [];
        while (many.length < 230) {
          const run = makeTimedRun({ dueAt: at + (many.length % 7) });
          if (dueShardOf(`RUN#${run.id}`) === 3) many.push(run);
        }
        await Promise.all(many.map((run) => runs.create(run)));
        const pages = await pagesOf(opened.dueIndex.due(3, at + 10));
        const ids = new Set(pages.flat().map(({ pk }) => pk));
        expect(many.every(({ id }) => ids.has(`RUN#${id}`))).toBe(true);
        expect(pages.length).toBeGreaterThan(1);
        const everything = await pagesOf(opened.dueIndex.due(3, Number.MAX_SAFE_INTEGER));
        expect(everything.flat().length).toBeGreaterThanOrEqual(230);
      });
    });
  });
};
