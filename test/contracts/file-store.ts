import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noCounts } from '../../lib/files/counts.ts';
import type { FileStore } from '../../lib/files/ports.ts';
import { newFile, type PromptFile } from '../../lib/files/prompt-file.ts';
import { dueShardOf } from '../../lib/runs/due.ts';
import type { DueIndex } from '../../lib/runs/ports.ts';
import { makeBlock, makePromptFile } from '../factories/prompt-file.ts';
import { pagesOf } from '../memory/due-index.ts';

const T0 = Date.UTC(2026, 10, 22, 13);
let made = 0;
const newId = () => `file_${String(++made).padStart(26, '0')}`;

/** The contract of the store of prompt files, for every implementation. */
export const fileStoreContract = (
  name: string,
  open: () => Promise<{ files: FileStore; dueIndex: DueIndex; close(): Promise<void> }>,
): void => {
  describe(`${name} as a file store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let files: FileStore;
    beforeAll(async () => {
      opened = await open();
      files = opened.files;
    });
    afterAll(async () => opened?.close());

    const created = async (own: Partial<PromptFile> = {}) => {
      const file = makePromptFile({ id: newId(), ...own });
      expect(await files.create(file)).toBe(true);
      return file;
    };
    const createMany = async (caller: string, count: number, own: Partial<PromptFile>) => {
      for (let at = 0; at < count; at += 60)
        await Promise.all(
          Array.from({ length: Math.min(60, count - at) }, () => created({ caller, ...own })),
        );
    };
    const dueOf = async (fileId: string, before: number) => {
      const pages = await pagesOf(opened.dueIndex.due(dueShardOf(`FILE#${fileId}`), before));
      return pages
        .flat()
        .filter(({ pk }) => pk === `FILE#${fileId}`)
        .map(({ sk }) => sk);
    };

    test('returns a file as it was created, and creates each id once', async () => {
      const file = await created({
        apiKey: 'a1'.repeat(32),
        lineKey: 'prompts/@docs/questions.json',
        retryOf: 'file_first',
        rerunAs: 'file_first',
        openaiBatch: {
          endpoint: '/v1/chat/completions',
          inputFileId: 'file-first',
          inputKey: 'uploads/@docs/file-first/lines ü.jsonl',
          metadata: { team: 'docs' },
        },
      });
      expect(await files.get(file.id)).toEqual(file);
      expect(await files.create({ ...file, status: 'failed' })).toBe(false);
      expect(await files.get(file.id)).toEqual(file);
      expect(await files.get('file_nobody')).toBeUndefined();
    });

    test('changes the named fields and keeps the rest; null removes a field', async () => {
      const file = await created();
      const change = {
        status: 'failed',
        etag: '"other"',
        size: 17,
        sequencer: '0A',
        lines: 3,
        refused: 1,
        blocks: 1,
        rerun: true,
        dryRun: true,
        maxCostUsd: 0.5,
        estimate: {
          prompt_tokens: { low: 1, typical: 2, high: 3 },
          completion_tokens: { low: 16, typical: null, high: 1_024 },
          tokens: { low: 17, typical: null, high: 1_027 },
          cost_usd: null,
        },
        generatingAt: '2026-11-22T13:01:00.000Z',
        sentBlocks: 1,
        stopped: { code: 'max_cost_reached', at: '2026-11-22T13:02:00.000Z' },
        endedAt: '2026-11-22T13:03:00.000Z',
        pending: true,
        lease: { token: 'a1', until: T0 },
        attempts: 3,
        error: { code: 'empty', message: 'the file is empty' },
        dueTries: 2,
      } as const;
      expect(await files.change(file.id, change, {})).toEqual({ ...file, ...change });
      const bare = {
        pending: false,
        lease: null,
        attempts: 0,
        error: null,
        dueAt: null,
        rerun: false,
        maxCostUsd: null,
      };
      expect(await files.change(file.id, bare, {})).toEqual({ ...file, ...change, ...bare });
      expect(await files.get(file.id)).toEqual({ ...file, ...change, ...bare });
    });

    test('claims the next retry of a file for one of those who do so at once', async () => {
      const { id } = await created({ status: 'completed_with_errors' });
      const claim = (retriedAs: string, before: string | null) =>
        files.change(id, { retriedAs }, { status: ['completed_with_errors'], retriedAs: before });
      const claimed = await Promise.all([claim('file_a', null), claim('file_b', null)]);
      const [winner] = claimed.filter((file) => file !== undefined);
      expect(claimed.filter((file) => file !== undefined)).toHaveLength(1);
      expect((await files.get(id))?.retriedAs).toBe(winner?.retriedAs);
      expect(await claim('file_c', null)).toBeUndefined();
      expect(await claim('file_c', winner?.retriedAs ?? '')).toMatchObject({ retriedAs: 'file_c' });
    });

    test('keeps the batches of a file, also an empty list', async () => {
      const { id } = await created();
      expect(await files.change(id, { batch: [] }, {})).toMatchObject({ batch: [] });
      const batch = [
        { first: 0, end: 3, batchId: 'batch_1', isAnswered: true },
        { first: 3, end: 4, batchId: null, isAnswered: false },
      ];
      await files.change(id, { batch }, {});
      expect((await files.get(id))?.batch).toEqual(batch);
    });

    test('writes only when the condition holds', async () => {
      const { id } = await created({ dueAt: T0 });
      const holds = async (condition: Parameters<FileStore['change']>[2]) =>
        (await files.change(id, { dueTries: 1 }, condition)) !== undefined;
      expect(await holds({ status: ['reading'], leaseBefore: T0, dueAt: T0 })).toBe(true);
      expect(await holds({ status: ['generating', 'failed'] })).toBe(false);
      expect(await holds({ dueAt: T0 - 1 })).toBe(false);
      expect(await holds({ dueAt: null })).toBe(false);
      expect(await holds({ leaseToken: 'a1' })).toBe(false);
      expect(await holds({ attempts: 0 })).toBe(true);
      expect(await holds({ attempts: 1 })).toBe(false);
      await files.change(id, { attempts: 2 }, {});
      expect(await holds({ attempts: 2 })).toBe(true);
      expect(await holds({ attempts: 0 })).toBe(false);
      await files.change(id, { lease: { token: 'a1', until: T0 } }, {});
      expect(await holds({ leaseToken: 'a1' })).toBe(true);
      expect(await holds({ leaseBefore: T0 })).toBe(false);
      expect(await holds({ leaseBefore: T0 + 1 })).toBe(true);
      expect(await files.change('file_nobody', { dueTries: 1 }, {})).toBeUndefined();
      expect(await files.get('file_nobody')).toBeUndefined();
    });

    test('counts how often each line of a block was tried again', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId, number: 3 }));
      const add = (line: number, by: 1 | -1) => files.addTry(fileId, 3, line, by);
      expect([await add(7, 1), await add(7, 1), await add(8, 1), await add(7, -1)]).toEqual([1, 2, 1, 1]);
      expect(await files.getBlock(fileId, 3)).toEqual(makeBlock({ fileId, number: 3 }));
    });

    test('keeps blocks as items of their own beside the file', async () => {
      const { id: fileId } = await created();
      const block = makeBlock({ fileId, number: 12 });
      expect(await files.createBlock(block)).toBe(true);
      expect(await files.createBlock({ ...block, lines: 9 })).toBe(false);
      expect(await files.getBlock(fileId, 12)).toEqual(block);
      expect(await files.getBlock(fileId, 13)).toBeUndefined();
      const dueAt = block.dueAt;
      expect(
        await files.changeBlock(fileId, 12, { dueAt: T0, dueTries: 1 }, { dueAt: T0 - 1 }),
      ).toBeUndefined();
      expect(await files.changeBlock(fileId, 12, { dueAt: T0, dueTries: 1 }, { dueAt })).toEqual({
        ...block,
        dueAt: T0,
        dueTries: 1,
      });
      expect(await files.changeBlock(fileId, 12, { dueAt: null, dueTries: 0 }, {})).toEqual({
        ...block,
        dueAt: null,
      });
      expect(await files.changeBlock(fileId, 13, { dueAt: null, dueTries: 0 }, {})).toBeUndefined();
    });

    test('counts the lines of a block that were sent, for one of those who claim the next ones at once', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId, lines: 9, done: [4], sent: 1 }));
      const claim = () => files.changeBlock(fileId, 0, { sent: 4, dueAt: T0, dueTries: 0 }, { sent: 1 });
      const claimed = await Promise.all([claim(), claim(), claim()]);
      expect(claimed.filter((block) => block !== undefined)).toMatchObject([{ sent: 4, dueAt: T0 }]);
      expect(await files.getBlock(fileId, 0)).toMatchObject({ sent: 4, lines: 9, done: [4] });
    });

    test('counts a line and a block once, however often and by however many at once they are added', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId, lines: 4, done: [4] }));
      const counts = { completed: 1, promptTokens: 10, costNano: 40_000 };
      await Promise.all([1, 2, 2, 3, 1].map((line) => files.addDone(fileId, 0, line, { counts })));
      const block = await files.addDone(fileId, 0, 2, { counts });
      expect(block.done.toSorted()).toEqual([1, 2, 3, 4]);
      expect(block.counts).toEqual({ ...noCounts(), completed: 3, promptTokens: 30, costNano: 120_000 });
      const stored = await files.getBlock(fileId, 0);
      expect({ ...stored, done: stored?.done.toSorted() }).toEqual({
        ...block,
        done: block.done.toSorted(),
      });
      await files.addFullBlock(fileId, 0, block.counts);
      const file = await files.addFullBlock(fileId, 0, block.counts);
      expect(file).toMatchObject({ fullBlocks: [0], counts: block.counts });
      const more = await files.addFullBlock(fileId, 1, block.counts);
      expect(more.counts).toMatchObject({ completed: 6, costNano: 240_000 });
      expect(await files.get(fileId)).toEqual(more);
    });

    test('records which lines of a block failed, by code, and replaces the errors of its file once, if they are as before', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId }));
      const failedAs = 'rate_limited';
      for (const line of [1, 3, 3]) await files.addDone(fileId, 0, line, { counts: { failed: 1 }, failedAs });
      await files.addDone(fileId, 0, 2, { counts: { failed: 1 }, failedAs: 'gone' });
      const block = await files.getBlock(fileId, 0);
      expect(block?.failed.rate_limited?.toSorted()).toEqual([1, 3]);
      expect(block).toMatchObject({ failed: { gone: [2] }, counts: { failed: 3 } });

      const first = [{ code: 'rate_limited', count: 2, lines: [1, 3] }];
      const second = [{ code: 'gone', count: 1, lines: [2] }, ...first];
      const add = (number: number, before: typeof first, after: typeof first) =>
        files.addFullBlock(fileId, number, { ...noCounts(), failed: 1 }, { before, after });
      expect(await add(0, [], first)).toMatchObject({ fullBlocks: [0], errors: first });
      expect(await add(1, [], second)).toMatchObject({ fullBlocks: [0], errors: first });
      expect(await add(0, first, [])).toMatchObject({ fullBlocks: [0], errors: first });
      const added = await add(1, first, second);
      expect(added).toMatchObject({ errors: second, counts: { failed: 2 } });
      expect(added.fullBlocks.toSorted()).toEqual([0, 1]);
      const pace = [{ at: T0, done: 3 }];
      expect(await files.change(fileId, { errors: first, pace }, {})).toMatchObject({ errors: first, pace });
      expect(await files.change(fileId, { errors: [], pace: [] }, {})).toMatchObject({
        errors: [],
        pace: [],
      });
    });

    test('records with a line that it was skipped, or why it has no run', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId }));
      await files.addDone(fileId, 0, 1, { counts: { skipped: 1 }, skipped: true });
      const error = { code: 'gone', message: 'it is gone' };
      await files.addDone(fileId, 0, 2, { counts: { failed: 1 }, error });
      const block = await files.getBlock(fileId, 0);
      expect(block).toMatchObject({ skipped: [1], errors: { 2: error } });
      expect(block?.counts).toEqual({ ...noCounts(), skipped: 1, failed: 1 });
    });

    test('records with a line which stored answer it has, by the first of those who do so at once', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId }));
      const mark = (token: string, line = 1) =>
        files.addDone(fileId, 0, line, { counts: { completed: 1 }, answer: { token, bytes: 70 } });
      await Promise.all(['a1', 'b2', 'c3'].map((token) => mark(token)));
      const first = (await files.getBlock(fileId, 0))?.answers[1]?.token ?? '';
      expect(['a1', 'b2', 'c3']).toContain(first);
      expect((await mark('d4')).answers).toEqual({ 1: { token: first, bytes: 70 } });
      const answer = { token: 'e5', bytes: 5_800_000, isReused: true } as const;
      const error = { code: 'invalid_request', message: 'it is refused' };
      await files.addDone(fileId, 0, 2, { counts: { reused: 1 }, answer });
      await files.addDone(fileId, 0, 3, { error, answer: { token: 'f6', bytes: 9 } });
      const block = await files.getBlock(fileId, 0);
      expect(block).toMatchObject({ counts: { completed: 1, reused: 1 }, errors: { 3: error } });
      expect(block?.answers).toEqual({
        1: { token: first, bytes: 70 },
        2: answer,
        3: { token: 'f6', bytes: 9 },
      });
    });

    test('advances the number of sent blocks once, and no more after a file is stopped', async () => {
      const { id } = await created({ status: 'generating' });
      const condition = { status: ['generating' as const], sentBlocks: 0, stopped: false as const };
      expect(await files.change(id, { sentBlocks: 1 }, condition)).toMatchObject({ sentBlocks: 1 });
      expect(await files.change(id, { sentBlocks: 1 }, condition)).toBeUndefined();
      const stopped = { code: 'cancelled' as const, at: '2026-11-22T13:01:00.000Z' };
      expect(await files.change(id, { stopped }, { stopped: false })).toMatchObject({ stopped });
      const next = { ...condition, sentBlocks: 1 };
      expect(await files.change(id, { sentBlocks: 2 }, next)).toBeUndefined();
      expect(await files.get(id)).toMatchObject({ sentBlocks: 1, stopped });
    });

    test('lists the files of a caller, newest first, a page at a time', async () => {
      const caller = `lister-${newId()}`;
      const at = (minute: number) => `2026-11-22T13:0${minute}:00.000Z`;
      const own = [await created({ caller, createdAt: at(1) }), await created({ caller, createdAt: at(3) })];
      own.push(await created({ caller, createdAt: at(2) }));
      await files.create(makePromptFile({ id: 'cmp_0000000000000000000000000a', caller, createdAt: at(4) }));
      const first = await files.list({ caller, limit: 2 });
      expect(first.files.map(({ id }) => id)).toEqual([own[1]?.id, own[2]?.id]);
      const rest = await files.list({ caller, limit: 2, cursor: first.nextCursor ?? '' });
      expect(rest).toEqual({ files: [own[0]], nextCursor: null });
      expect(await files.list({ caller: 'nobody', limit: 2 })).toEqual({ files: [], nextCursor: null });
      await expect(files.list({ caller, limit: 2, cursor: 'x' })).rejects.toMatchObject({
        code: 'invalid_input',
      });
    });

    test('reads a bounded number of deleted files for a list: the page is empty and has a cursor', async () => {
      const caller = `deleter-${newId()}`;
      const createdAt = '2026-11-22T14:00:00.000Z';
      await createMany(caller, 1_020, { createdAt, status: 'deleted' });
      const own = await created({ caller, createdAt: '2026-11-22T13:00:00.000Z' });
      const first = await files.list({ caller, limit: 5 });
      expect(first).toEqual({ files: [], nextCursor: expect.any(String) });
      const rest = await files.list({ caller, limit: 5, cursor: first.nextCursor ?? '' });
      expect(rest).toEqual({ files: [own], nextCursor: null });
    });

    test('lists comparisons apart, newest first, without reading the files of their caller', async () => {
      const caller = `comparer-${newId()}`;
      await createMany(caller, 1_020, { createdAt: '2026-11-22T14:00:00.000Z' });
      const [first, second, third] = await Promise.all(
        ['1', '2', '3'].map(async (at) => {
          const id = `cmp_${newId().slice(5)}`;
          const file = makePromptFile({ id, caller, createdAt: `2026-11-22T13:0${at}:00.000Z` });
          await files.create(file);
          return file;
        }),
      );
      const list = (query: Partial<Parameters<FileStore['list']>[0]>) =>
        files.list({ caller, limit: 2, kind: 'comparison', ...query });
      const page = await list({});
      expect(page.files).toEqual([third, second]);
      const cursor = page.nextCursor ?? '';
      expect(await list({ cursor })).toEqual({ files: [first], nextCursor: null });
      expect((await list({ caller: 'nobody', cursor })).files).toEqual([]);

      const { createdAt: since = '' } = second ?? {};
      const { createdAt: until = '' } = third ?? {};
      expect(await list({ since, until })).toEqual({ files: [second], nextCursor: null });
      expect((await list({ until: since })).files).toEqual([first]);
      expect((await list({ since: until })).files).toEqual([third]);

      const ofFiles = (await files.list({ caller, limit: 1 })).nextCursor ?? '';
      const refused = { code: 'invalid_input' };
      await expect(list({ cursor: ofFiles })).rejects.toMatchObject(refused);
      await expect(files.list({ caller, limit: 1, cursor })).rejects.toMatchObject(refused);
      await expect(list({ cursor, until: since })).rejects.toMatchObject(refused);
      // A relative since moves on from page to page, and may have passed the place of the cursor.
      expect(await list({ cursor, since: until })).toEqual({ files: [], nextCursor: null });
    });

    test('lists the files of a status and of a time', async () => {
      const caller = `filterer-${newId()}`;
      const at = (minute: number) => `2026-11-22T13:0${minute}:00.000Z`;
      const of = (status: PromptFile['status'], minute: number) =>
        created({ caller, status, createdAt: at(minute) });
      const [first, second, third] = [await of('failed', 1), await of('completed', 2), await of('failed', 3)];
      const ids = async (query: Partial<Parameters<FileStore['list']>[0]>) =>
        (await files.list({ caller, limit: 5, ...query })).files.map(({ id }) => id);
      expect(await ids({ status: 'failed' })).toEqual([third.id, first.id]);
      expect(await ids({ status: 'reading' })).toEqual([]);
      expect(await ids({ since: at(2) })).toEqual([third.id, second.id]);
      expect(await ids({ status: 'failed', until: at(3) })).toEqual([first.id]);
    });

    test('keeps what a list says of a comparison until it is a tombstone', async () => {
      const comparison = {
        name: 'Nightly',
        ...{ prompts: 2, samples: 3, status: null },
        settings: [{ label: 'a', model: 'gpt-6-luna' }],
      };
      const file = await created({ id: `cmp_${newId().slice(5)}`, comparison });
      expect(await files.get(file.id)).toEqual(file);
      const ended = { ...comparison, status: 'completed' as const };
      const held = await files.change(
        file.id,
        { comparison: ended, lease: { token: 'a1', until: T0 } },
        { status: ['reading'] },
      );
      expect(held).toMatchObject({ comparison: ended });
      if (held) await files.bury(held, 'a1', T0);
      expect((await files.get(file.id))?.comparison).toBeNull();
    });

    test('creates no file or block when something is added to a missing one', async () => {
      await expect(files.addDone('file_nobody', 0, 1)).rejects.toThrow('not in the table');
      await expect(files.addFullBlock('file_nobody', 0, noCounts())).rejects.toThrow('not in the table');
      expect(await files.getBlock('file_nobody', 0)).toBeUndefined();
    });

    test('lists files and blocks in the due index as long as they have a due time', async () => {
      const { id: fileId } = await created({ dueAt: T0 });
      await files.createBlock(makeBlock({ fileId, number: 3, dueAt: T0 + 1 }));
      expect(await dueOf(fileId, T0)).toEqual(['FILE']);
      expect(await dueOf(fileId, T0 + 1)).toEqual(['FILE', 'BLOCK#000003']);
      await files.change(fileId, { dueAt: null }, {});
      await files.changeBlock(fileId, 3, { dueAt: null, dueTries: 0 }, {});
      expect(await dueOf(fileId, T0 + 1)).toEqual([]);
    });

    test('makes a file a tombstone for the holder of its lease alone, and lists it no more', async () => {
      const lease = { token: 'a1', until: T0 };
      const file = await created({
        caller: 'burying',
        status: 'deleting',
        purge: { since: T0, isLast: true, blocks: 2 },
        error: { code: 'empty', message: 'the file is empty' },
        stopped: { code: 'cancelled', at: '2026-11-22T13:02:00.000Z' },
        batch: [{ first: 0, end: 1, batchId: 'batch_1', isAnswered: true }],
        maxCostUsd: 1,
        apiKey: 'a1'.repeat(32),
        hasSidecar: true,
      });
      const kept = await created({ caller: 'burying' });
      const held = await files.change(
        file.id,
        { lease, purge: file.purge, batch: file.batch, error: file.error, stopped: file.stopped },
        {},
      );
      if (!held) throw new Error('there is such a file');
      expect((await files.list({ caller: 'burying', limit: 10 })).files.map(({ id }) => id)).toEqual([
        kept.id,
      ]);
      expect(await files.bury(held, 'other', T0)).toBe(false);
      expect(await files.bury(held, 'a1', T0)).toBe(true);
      const { id, caller, createdAt, sequencer } = file;
      expect(await files.get(id)).toEqual(
        newFile({ id, caller, createdAt, sequencer, status: 'deleted', key: '', etag: '', dueAt: null }),
      );
      expect(await dueOf(id, T0 * 2)).toEqual([]);
      expect((await files.list({ caller: 'burying', limit: 10 })).files.map((each) => each.id)).toEqual([
        kept.id,
      ]);
      expect(await files.bury(held, 'a1', T0)).toBe(false);
    });

    test('keeps the hash of the request of a comparison that is a tombstone', async () => {
      const id = 'cmp_buried';
      const comparison = makePromptFile({ id, etag: 'hash' });
      await files.create(comparison);
      const held = await files.change(id, { lease: { token: 'a1', until: T0 } }, {});
      if (!held) throw new Error('there is such a comparison');
      await files.bury(held, 'a1', T0);
      expect((await files.get(id))?.etag).toBe('hash');
    });

    test('lists what is being deleted where all is asked for', async () => {
      const caller = 'listing-all';
      const kept = await created({ caller });
      const going = await created({ caller, status: 'deleting' });
      const gone = await created({ caller, status: 'deleted' });
      const comparison = await created({ id: 'cmp_listed', caller, status: 'deleting' });
      const idsOf = async (query: { kind?: 'comparison'; all?: true }) =>
        (await files.list({ caller, limit: 10, ...query })).files.map(({ id }) => id).sort();
      expect(await idsOf({})).toEqual([kept.id]);
      expect(await idsOf({ all: true })).toEqual([kept.id, going.id].sort());
      expect(await idsOf({ kind: 'comparison' })).toEqual([]);
      expect(await idsOf({ kind: 'comparison', all: true })).toEqual([comparison.id]);
      expect(await files.get(gone.id)).toBeDefined();
    });

    test('deletes a block, and one that is not there', async () => {
      const { id: fileId } = await created();
      await files.createBlock(makeBlock({ fileId }));
      await files.deleteBlock(fileId, 0);
      await files.deleteBlock(fileId, 0);
      expect(await files.getBlock(fileId, 0)).toBeUndefined();
    });

    test('returns the file whose results stand under a key, and forgets a key for its newest file alone', async () => {
      const key = 'prompts/published.json';
      expect(await files.published(key)).toBeUndefined();
      await files.notePublished(key, 'file_first');
      expect(await files.published(key)).toBeUndefined();
      await files.noteNewest(key, '0A', 'file_first');
      expect(await files.published(key)).toBe('file_first');
      await files.notePublished(key, 'file_first');
      await files.noteNewest(key, '0B', 'file_second');
      expect(await files.published(key)).toBe('file_first');
      await files.forgetKey(key, 'file_first');
      expect(await files.newest(key)).toBe('file_second');
      await files.forgetKey(key, 'file_second');
      expect([await files.newest(key), await files.published(key)]).toEqual([undefined, undefined]);
    });

    test('returns the newest file of a key by its sequencer, in whichever order they were recorded', async () => {
      const key = 'prompts/a+b ü.json';
      expect(await files.newest(key)).toBeUndefined();
      expect(await files.noteNewest(key, '0055AED6DCD90281E6', 'file_second')).toBe(true);
      expect(await files.noteNewest(key, '0055AED6DCD90281E5', 'file_first')).toBe(false);
      expect(await files.newest(key)).toBe('file_second');
      expect(await files.noteNewest(key, '0055AED6DCD90281E6', 'file_second')).toBe(true);
      expect(await files.noteNewest(key, '0055aed6dcd90281e7', 'file_third')).toBe(true);
      expect(await files.newest(key)).toBe('file_third');
      expect(await files.newest('prompts/other.json')).toBeUndefined();
    });

    test('compares sequencers of different lengths as if zeros followed the shorter one', async () => {
      const key = 'prompts/lengths.json';
      await files.noteNewest(key, '0055AED7', 'file_later');
      expect(await files.noteNewest(key, '0055AED6DCD90281E5', 'file_earlier')).toBe(false);
      expect(await files.noteNewest(key, '0055AED701', 'file_latest')).toBe(true);
      expect(await files.newest(key)).toBe('file_latest');
    });
  });
};
