import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dueShardOf } from '../../lib/runs/due.ts';
import { makePart } from '../../lib/runs/list/parts.ts';
import type { DueIndex } from '../../lib/runs/ports.ts';
import type { Period, UsageShape, UsageStore } from '../../lib/usage/ports.ts';
import { OBJECT_MEMBERS } from '../factories/object-members.ts';
import { makeFigures } from '../factories/run.ts';
import { pagesOf } from '../memory/due-index.ts';

const hour = (caller: string, name = '2026-11-29T13'): Period => ({ caller, kind: 'HOUR', name });

const shape = (label: string, own: Partial<UsageShape> = {}): UsageShape => ({
  metadata: { team: 'a' },
  requests: 3,
  failedRequests: 1,
  parts: [makePart({ model: 'm-1', label }, [makeFigures(), makeFigures({ costUsd: null })])],
  ...own,
});

/** Sums that fill more than one item of DynamoDB. */
const many = (prefix: string) =>
  Array.from({ length: 3_000 }, (_, at) => shape(`${prefix} ${at} ${'x'.repeat(80)}`));

/** The contract of the sums of callers' periods, for every implementation. */
export const usageStoreContract = (
  name: string,
  open: () => Promise<{ totals: UsageStore; dueIndex: DueIndex; close(): Promise<void> }>,
): void => {
  describe(`${name} as a store of usage`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let totals: UsageStore;
    beforeAll(async () => {
      opened = await open();
      totals = opened.totals;
    });
    afterAll(async () => opened?.close());

    const NEW = { version: 0, marks: 0 };
    const sums = (...labels: string[]) => ({ keys: ['team'], shapes: labels.map((label) => shape(label)) });
    const dueOf = async (caller: string) => {
      const pk = `USAGE#${caller}`;
      const pages = await pagesOf(opened.dueIndex.due(dueShardOf(pk), Number.MAX_SAFE_INTEGER));
      return pages.flat().filter((item) => item.pk === pk);
    };
    const namesOf = async (...range: Parameters<UsageStore['range']>) => {
      const names: string[] = [];
      for await (const { period } of totals.range(...range)) names.push(period.name);
      return names;
    };

    test('a mark creates a period that is due, and leaves an earlier due time', async () => {
      const period = hour('marks');
      expect(await totals.get(period)).toBeUndefined();
      expect(await totals.mark(period, 2_000)).toBe(2_000);
      expect(await totals.mark(period, 1_000)).toBe(2_000);
      expect(await totals.mark(period, 3_000)).toBe(2_000);
      expect(await totals.get(period)).toEqual({
        ...{ period, keys: [], shapes: [], version: 0, marks: 3, dueAt: 2_000 },
      });
      expect(await dueOf('marks')).toEqual([{ pk: 'USAGE#marks', sk: 'HOUR#2026-11-29T13', dueAt: 2_000 }]);
    });

    test('sums take their period out of due, and a later mark brings it back', async () => {
      const period = hour('settles');
      await totals.mark(period, 1_000);
      expect(await totals.put(period, sums('a'), { version: 0, marks: 1 }, 9_000)).toBe(true);
      expect(await totals.get(period)).toEqual({
        ...{ period, ...sums('a'), version: 1, marks: 1, dueAt: null },
      });
      expect(await dueOf('settles')).toEqual([]);
      expect(await totals.mark(period, 5_000)).toBe(5_000);
      expect(await totals.get(period)).toMatchObject({ ...sums('a'), version: 1, marks: 2, dueAt: 5_000 });
    });

    test('a period that was marked while it was summed has the sums, and is due again', async () => {
      const period = hour('again');
      await totals.mark(period, 1_000);
      await totals.mark(period, 1_000);
      expect(await totals.put(period, sums('a'), { version: 0, marks: 1 }, 9_000)).toBe(true);
      expect(await totals.get(period)).toMatchObject({ ...sums('a'), version: 1, marks: 2, dueAt: 9_000 });
    });

    test('sums do not replace others that were written since, and may leave the due time alone', async () => {
      const period = hour('races');
      await totals.mark(period, 1_000);
      expect(await totals.put(period, sums('a'), { version: 0, marks: 1 })).toBe(true);
      expect(await totals.put(period, sums('b'), { version: 0, marks: 1 }, 9_000)).toBe(false);
      expect(await totals.get(period)).toMatchObject({ ...sums('a'), version: 1, dueAt: 1_000 });
    });

    test('a period that nobody has marked can have sums', async () => {
      const period: Period = { ...hour('parts'), kind: 'PART' };
      const under = { after: '2026-11-29T13:00:00.000Z#run_1', version: 4, marks: 2 };
      expect(await totals.put(period, { ...sums('a'), under }, NEW)).toBe(true);
      expect(await totals.get(period)).toEqual({
        ...{ period, ...sums('a'), under, version: 1, marks: 0, dueAt: null },
      });
      expect(await totals.put(period, sums('b'), { version: 1, marks: 0 })).toBe(true);
      expect(await totals.get(period)).toEqual({
        ...{ period, ...sums('b'), version: 2, marks: 0, dueAt: null },
      });
    });

    test('a due time is put off from what was read alone', async () => {
      const period = hour('postponed');
      await totals.mark(period, 1_000);
      await totals.postpone(period, 999, 7_000);
      expect((await totals.get(period))?.dueAt).toBe(1_000);
      await totals.postpone(period, 1_000, 7_000);
      expect((await totals.get(period))?.dueAt).toBe(7_000);
      expect(await dueOf('postponed')).toMatchObject([{ dueAt: 7_000 }]);
    });

    test('a range has the periods of one caller and kind in order, and ends before its end', async () => {
      for (const at of ['2026-11-29T15', '2026-11-28T23', '2026-11-29T13', '2026-11-29T14'])
        await totals.mark(hour('ranges', at), 1_000);
      await totals.mark({ caller: 'ranges', kind: 'DAY', name: '2026-11-29' }, 1_000);
      await totals.mark(hour('ranges-other'), 1_000);
      expect(await namesOf('ranges', 'HOUR', '2026-11-29T13', '2026-11-29T15')).toEqual([
        '2026-11-29T13',
        '2026-11-29T14',
      ]);
      expect(await namesOf('ranges', 'HOUR', '', '~')).toHaveLength(4);
      expect(await namesOf('ranges', 'DAY', '2026-11-29', '2026-11-30')).toEqual(['2026-11-29']);
      expect(await namesOf('nobody', 'HOUR', '', '~')).toEqual([]);
    });

    test('sums of any size are kept whole, replaced as one, and listed', async () => {
      const period = hour('large');
      await totals.mark(period, 1_000);
      const first = { keys: ['team'], shapes: many('first') };
      expect(await totals.put(period, first, { version: 0, marks: 1 }, 9_000)).toBe(true);
      expect(await totals.get(period)).toEqual({ period, ...first, version: 1, marks: 1, dueAt: null });
      await totals.mark(period, 2_000);
      await totals.mark(period, 2_000);
      const second = { keys: [], shapes: many('second').slice(0, 100) };
      expect(await totals.put(period, second, { version: 1, marks: 2 }, 9_000)).toBe(true);
      expect(await totals.get(period)).toEqual({ period, ...second, version: 2, marks: 3, dueAt: 9_000 });
      expect(await totals.put(period, first, { version: 1, marks: 3 }, 9_000)).toBe(false);
      for await (const found of totals.range('large', 'HOUR', '', '~')) expect(found).toMatchObject(second);
      expect(await totals.put(period, sums('a'), { version: 2, marks: 3 }, 9_000)).toBe(true);
      expect(await totals.get(period)).toEqual({
        ...{ period, ...sums('a'), version: 3, marks: 3, dueAt: null },
      });
    });

    test.each(OBJECT_MEMBERS)('keeps metadata and a label under the name %s', async (member) => {
      const period = hour(`members`, member.length % 2 ? '2026-11-29T01' : '2026-11-29T02');
      const read = (await totals.get(period)) ?? NEW;
      const own = {
        keys: [member],
        shapes: [shape(member, { metadata: Object.fromEntries([[member, 'x']]) })],
      };
      expect(await totals.put(period, own, read)).toBe(true);
      const found = await totals.get(period);
      expect(found).toMatchObject({ keys: [member], shapes: [{ parts: [{ label: member }] }] });
      expect(Object.entries(found?.shapes[0]?.metadata ?? {})).toEqual([[member, 'x']]);
    });
  });
};
