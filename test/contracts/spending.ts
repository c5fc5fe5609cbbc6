import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account, BudgetStore, Limits, SpendStore } from '../../lib/budget/ports.ts';

const UNLIMITED: Limits = { tokens: null, nanoUsd: null };
const day = (caller: string): Account => ({ caller, day: '2026-11-22' });

/** The contract of the stores of budgets and spending, for every implementation. */
export const spendingContract = (
  name: string,
  open: () => Promise<{ budgets: BudgetStore; spend: SpendStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as stores of budgets and spending`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    test('returns a budget as it was set, and removes it', async () => {
      const { budgets } = opened;
      expect(await budgets.get('none')).toBeUndefined();
      await budgets.set('docs', { tokens: 1_000, costUsd: null });
      expect(await budgets.get('docs')).toEqual({ tokens: 1_000, costUsd: null });
      await budgets.set('docs', { tokens: null, costUsd: 0.25 });
      expect(await budgets.get('docs')).toEqual({ tokens: null, costUsd: 0.25 });
      await budgets.set('docs', undefined);
      expect(await budgets.get('docs')).toBeUndefined();
    });

    test('adds up to the limit, itself included, and adds nothing beyond it', async () => {
      const { spend } = opened;
      const limits = { tokens: 100, nanoUsd: 1_000 };
      expect(await spend.reserve(day('a'), { tokens: 101, nanoUsd: 0 }, limits)).toBe(false);
      expect(await spend.get(day('a'))).toBeUndefined();
      expect(await spend.reserve(day('a'), { tokens: 60, nanoUsd: 400 }, limits)).toBe(true);
      expect(await spend.reserve(day('a'), { tokens: 41, nanoUsd: 0 }, limits)).toBe(false);
      expect(await spend.reserve(day('a'), { tokens: 1, nanoUsd: 601 }, limits)).toBe(false);
      expect(await spend.reserve(day('a'), { tokens: 40, nanoUsd: 600 }, limits)).toBe(true);
      expect(await spend.get(day('a'))).toEqual({ tokens: 100, nanoUsd: 1_000 });
    });

    test('counts without a limit, too, and returns the unused part', async () => {
      const { spend } = opened;
      expect(await spend.reserve(day('b'), { tokens: 1e9, nanoUsd: 5 }, UNLIMITED)).toBe(true);
      await spend.adjust(day('b'), { tokens: -999_999_990, nanoUsd: 2 });
      expect(await spend.get(day('b'))).toEqual({ tokens: 10, nanoUsd: 7 });
    });

    test('counts callers, days and files separately', async () => {
      const { spend } = opened;
      const amount = { tokens: 1, nanoUsd: 1 };
      const accounts: Account[] = [day('c'), { caller: 'c', day: '2026-11-23' }, { fileId: 'file_c' }];
      for (const account of accounts) await spend.reserve(account, amount, UNLIMITED);
      for (const account of accounts) expect(await spend.get(account)).toEqual(amount);
    });

    test('lets through as many concurrent additions as the limit holds', async () => {
      const { spend } = opened;
      const limits = { tokens: 70, nanoUsd: null };
      const let1 = () => spend.reserve(day('d'), { tokens: 10, nanoUsd: 0 }, limits);
      const through = await Promise.all(Array.from({ length: 20 }, let1));
      expect(through.filter(Boolean)).toHaveLength(7);
      expect(await spend.get(day('d'))).toEqual({ tokens: 70, nanoUsd: 0 });
    });

    test('removes the sums of a file, and no others', async () => {
      const { spend } = opened;
      const amount = { tokens: 1, nanoUsd: 1 };
      const [gone, kept] = [{ fileId: 'file_gone' }, { fileId: 'file_kept' }];
      for (const account of [gone, kept]) await spend.reserve(account, amount, UNLIMITED);
      await spend.remove(gone);
      await spend.remove(gone);
      expect([await spend.get(gone), await spend.get(kept)]).toEqual([undefined, amount]);
    });

    test('tells the part of requests that are no runs, in the sum and apart', async () => {
      const { spend } = opened;
      const limits = { tokens: 100, nanoUsd: null };
      expect(await spend.reserve(day('f'), { tokens: 60, nanoUsd: 6 }, limits)).toBe(true);
      expect(await spend.reserve(day('f'), { tokens: 41, nanoUsd: 4 }, limits, 'requests')).toBe(false);
      expect(await spend.reserve(day('f'), { tokens: 40, nanoUsd: 4 }, limits, 'requests')).toBe(true);
      await spend.adjust(day('f'), { tokens: -30, nanoUsd: -3 }, 'requests');
      await spend.adjust(day('f'), { tokens: -5, nanoUsd: 0 });
      const sums = { tokens: 65, nanoUsd: 7, requests: { tokens: 10, nanoUsd: 1 } };
      expect(await spend.get(day('f'))).toEqual(sums);
      const repaired = { ...sums, tokens: 50 };
      expect(await spend.replace(day('f'), repaired, sums)).toBe(true);
      expect(await spend.get(day('f'))).toEqual(repaired);
    });

    test('replaces sums only while they are as they were read', async () => {
      const { spend } = opened;
      const first = { tokens: 5, nanoUsd: 5 };
      expect(await spend.replace(day('e'), first, undefined)).toBe(true);
      expect(await spend.replace(day('e'), { tokens: 9, nanoUsd: 9 }, undefined)).toBe(false);
      await spend.adjust(day('e'), { tokens: 1, nanoUsd: 0 });
      expect(await spend.replace(day('e'), { tokens: 9, nanoUsd: 9 }, first)).toBe(false);
      expect(await spend.replace(day('e'), { tokens: 9, nanoUsd: 9 }, { tokens: 6, nanoUsd: 5 })).toBe(true);
      expect(await spend.get(day('e'))).toEqual({ tokens: 9, nanoUsd: 9 });
    });
  });
};
