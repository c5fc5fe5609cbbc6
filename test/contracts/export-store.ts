import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportStore } from '../../lib/export/job.ts';
import type { DueIndex } from '../../lib/runs/ports.ts';
import { makeExportJob } from '../factories/export-job.ts';

/** The contract of the store of exports, for every implementation. */
export const exportStoreContract = (
  name: string,
  open: () => Promise<{ exports: ExportStore; dueIndex: DueIndex; close(): Promise<void> }>,
): void => {
  describe(`${name} as a store of exports`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let exports: ExportStore;
    beforeAll(async () => {
      opened = await open();
      exports = opened.exports;
    });
    afterAll(async () => opened?.close());

    test('creates an export once, and finds it as it was', async () => {
      const job = makeExportJob();
      expect(await exports.create(job)).toBe(true);
      expect(await exports.create({ ...job, caller: 'thief' })).toBe(false);
      expect(await exports.get(job.id)).toEqual(job);
      expect(await exports.get('export_absent')).toBeUndefined();
    });

    test('changes all that may change', async () => {
      const job = makeExportJob();
      await exports.create(job);
      const change = {
        status: 'failed',
        query: null,
        rows: 7,
        bytes: 70,
        endedAt: '2026-11-22T13:05:00.000Z',
        error: { code: 'attempts_exhausted', message: 'five attempts failed' },
        lease: { token: 'a', until: 5 },
        attempts: 2,
        dueAt: null,
        dueTries: 3,
        expiresAt: Date.UTC(2026, 11, 1),
      } as const;
      expect(await exports.change(job.id, change, {})).toEqual({ ...job, ...change });
      expect(await exports.get(job.id)).toEqual({ ...job, ...change });
    });

    test('changes nothing when a condition does not hold, or there is no export', async () => {
      const lease = { token: 'mine', until: 1_000 };
      const job = makeExportJob({ status: 'running' });
      await exports.create(job);
      await exports.change(job.id, { lease }, {});
      for (const condition of [
        { status: ['queued' as const] },
        { leaseToken: 'other' },
        { leaseBefore: 1_000 },
        { dueAt: 1 },
        { dueAt: null },
      ])
        expect(await exports.change(job.id, { rows: 1 }, condition)).toBeUndefined();
      expect(await exports.change('export_absent', { rows: 1 }, {})).toBeUndefined();
      expect(await exports.get('export_absent')).toBeUndefined();
      expect(
        await exports.change(
          job.id,
          { rows: 1 },
          { status: ['running'], leaseToken: 'mine', leaseBefore: 1_001, dueAt: job.dueAt },
        ),
      ).toMatchObject({ rows: 1 });
    });

    test("lists a caller's exports by pages, newest first, without deleted ones", async () => {
      const jobs = [3, 1, 2, 0].map((minutes) => makeExportJob({ caller: 'lists' }, minutes));
      const deleted = makeExportJob({ caller: 'lists', status: 'deleted' });
      const other = makeExportJob({ caller: 'lists-too' });
      for (const job of [...jobs, deleted, other]) await exports.create(job);
      const newestFirst = jobs.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      const first = await exports.list({ caller: 'lists', limit: 3 });
      expect(first.exports).toEqual(newestFirst.slice(0, 3));
      const rest = await exports.list({ caller: 'lists', limit: 3, cursor: first.nextCursor ?? '' });
      expect(rest).toEqual({ exports: newestFirst.slice(3), nextCursor: null });
      await expect(exports.list({ caller: 'lists', limit: 3, cursor: 'x' })).rejects.toThrow('cursor');
    });

    test('has an export among the due items while it is due', async () => {
      const job = makeExportJob({ dueAt: 5_000 });
      await exports.create(job);
      const isDue = async () => {
        for (let shard = 0; shard < (await opened.dueIndex.shards()); shard += 1)
          for await (const page of opened.dueIndex.due(shard, 5_000))
            if (page.some(({ pk }) => pk === `EXPORT#${job.id}`)) return true;
        return false;
      };
      expect(await isDue()).toBe(true);
      await exports.change(job.id, { dueAt: null }, {});
      expect(await isDue()).toBe(false);
    });
  });
};
