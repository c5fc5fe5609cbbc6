import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LimitStore, LoadStore } from '../../lib/limits/ports.ts';

const NOW = Date.UTC(2026, 10, 29, 12);

/** The contract of the stores of callers' limits and loads, for every implementation. */
export const limitsContract = (
  name: string,
  open: () => Promise<{ limits: LimitStore; load: LoadStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as stores of limits and loads`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let load: LoadStore;
    beforeAll(async () => {
      opened = await open();
      load = opened.load;
    });
    afterAll(async () => opened?.close());

    test('returns limits as they were set, and removes them', async () => {
      const { limits } = opened;
      expect(await limits.get('none')).toBeUndefined();
      await limits.set('docs', { requestsPerSecond: 5, runsInFlight: null });
      expect(await limits.get('docs')).toEqual({ requestsPerSecond: 5, runsInFlight: null });
      await limits.set('docs', { requestsPerSecond: null, runsInFlight: 2 });
      expect(await limits.get('docs')).toEqual({ requestsPerSecond: null, runsInFlight: 2 });
      await limits.set('docs', undefined);
      expect(await limits.get('docs')).toBeUndefined();
    });

    test('counts requests by caller and window', async () => {
      expect(await load.addRequests('a', 1, 3)).toBe(3);
      expect(await load.addRequests('a', 1, 4)).toBe(7);
      expect(await load.addRequests('a', 2, 1)).toBe(1);
      expect(await load.addRequests('b', 1, 2)).toBe(2);
    });

    test('lets in as many concurrent runs as the limit holds, by door, and writes nothing beyond it', async () => {
      const enter = () => load.enter('c', 1, 'jobs', 3);
      const results = await Promise.all(Array.from({ length: 10 }, enter));
      expect(results.toSorted()).toEqual([1, 2, 3, ...Array(7).fill(undefined)]);
      expect(await load.enter('c', 1, 'direct', 1)).toBe(1);
      expect(await load.enter('c', 1, 'direct', 1)).toBeUndefined();
      expect(await load.enter('c', 2, 'jobs', 0)).toBeUndefined();
      expect(await load.load('c', 1)).toEqual({ direct: 1, jobs: 3, ended: 0, tookMs: 0 });
      expect(await load.load('c', 2)).toEqual({ direct: 0, jobs: 0, ended: 0, tookMs: 0 });
    });

    test('lets in the next run once one has left, and sums what those took that have ended', async () => {
      expect(await load.enter('d', 1, 'direct', 1)).toBe(1);
      await load.leave('d', 1, 'direct', { tookMs: 1_200.4 });
      expect(await load.enter('d', 1, 'direct', 1)).toBe(1);
      await load.leave('d', 1, 'direct', { tookMs: 800 });
      expect(await load.load('d', 1)).toEqual({ direct: 0, jobs: 0, ended: 2, tookMs: 2_000 });
    });

    test('counts one run for several, with how long each of them took', async () => {
      expect(await load.enter('h', 1, 'direct', 9, 4)).toBe(4);
      expect(await load.enter('h', 1, 'direct', 9)).toBe(5);
      expect(await load.enter('h', 1, 'direct', 9, 4)).toBe(9);
      expect(await load.enter('h', 1, 'direct', 12, 4)).toBeUndefined();
      expect(await load.enter('h', 2, 'direct', 3, 4)).toBeUndefined();
      expect(await load.enter('h', 2, 'direct', 4, 4)).toBe(4);
      await load.leave('h', 1, 'direct', { runs: 4, tookMs: 500 });
      await load.leave('h', 1, 'direct', { runs: 4 });
      await load.leave('h', 1, 'direct', { tookMs: 100 });
      expect(await load.load('h', 1)).toEqual({ direct: 0, jobs: 0, ended: 5, tookMs: 2_100 });
    });

    test('moves a run between windows, whatever the limit', async () => {
      for (const _ of [1, 2]) await load.enter('e', 1, 'jobs', 2);
      await load.enter('e', 2, 'jobs', 1);
      expect(await load.enter('e', 2, 'jobs', Number.POSITIVE_INFINITY)).toBe(2);
      await load.leave('e', 1, 'jobs');
      expect(await load.load('e', 1)).toEqual({ direct: 0, jobs: 1, ended: 0, tookMs: 0 });
      expect(await load.load('e', 2)).toEqual({ direct: 0, jobs: 2, ended: 0, tookMs: 0 });
    });

    test('gives turns one after another, each after the last, and none beyond the latest time', async () => {
      const turn = (now: number) => load.takeTurn('f', { now, until: NOW + 250, gapMs: 100 });
      expect(await load.lastTurn('f')).toBe(0);
      const turns = [await turn(NOW), await turn(NOW), await turn(NOW + 50)];
      expect(turns).toEqual([NOW + 100, NOW + 200, NOW + 300]);
      expect(await turn(NOW + 60)).toBeUndefined();
      expect(await load.lastTurn('f')).toBe(NOW + 300);
      expect(await load.takeTurn('f', { now: NOW + 900, until: NOW + 999, gapMs: 5 })).toBe(NOW + 905);
    });

    test('gives no turn twice to jobs that ask at the same time', async () => {
      const take = () => load.takeTurn('g', { now: NOW, until: NOW + 60_000, gapMs: 10 });
      const turns = await Promise.all(Array.from({ length: 20 }, take));
      expect(new Set(turns).size).toBe(20);
      expect(Math.max(...turns.map((each) => each ?? 0))).toBe(NOW + 200);
    });
  });
};
