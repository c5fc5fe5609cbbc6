import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeLimitsOf, UNLIMITED } from '../../../lib/limits/caller-limits.ts';
import { makeCountRequest } from '../../../lib/limits/request-rate.ts';
import { makeMemoryClock } from '../../memory/clock.ts';
import { makeMemoryLimits } from '../../memory/limits.ts';

/** Processes that count the requests of callers with this limit, and the writes that they make for it. */
const processes = (count: number, requestsPerSecond: number | null) => {
  const clock = makeMemoryClock();
  const { limits, load: store } = makeMemoryLimits();
  const limitsOf = makeLimitsOf(limits, { ...UNLIMITED, requestsPerSecond }, clock);
  const writes: number[] = [];
  const load = {
    addRequests: (caller: string, window: number, requests: number) => {
      writes.push(requests);
      return store.addRequests(caller, window, requests);
    },
  };
  const counts = Array.from({ length: count }, () => makeCountRequest({ load, limitsOf, clock }));
  const passes = (process: number, caller = 'docs') =>
    (counts[process % count] ?? counts[0])?.(caller).then(
      () => true,
      () => false,
    ) ?? Promise.resolve(false);
  return { clock, writes, counts, passes };
};

const passed = async (times: number, pass: (at: number) => Promise<boolean>): Promise<number> => {
  let count = 0;
  for (let at = 0; at < times; at += 1) count += (await pass(at)) ? 1 : 0;
  return count;
};

describe("a caller's requests", () => {
  test('pass up to ten times the limit in ten seconds, exactly, whichever processes they reach', async () => {
    const { clock, passes } = processes(3, 2);
    expect(await passed(40, passes)).toBe(20);
    await clock.advance(9_999);
    expect(await passes(0)).toBe(false);
    await clock.advance(1);
    expect(await passed(40, passes)).toBe(20);
  });

  test('are refused with the time until they are counted anew, the limit and the remedy', async () => {
    const { clock, counts, passes } = processes(1, 1);
    await clock.advance(2_500);
    await passed(10, passes);
    await expect(counts[0]?.('docs')).rejects.toMatchObject({
      code: 'too_many_requests',
      retryAfterMs: 7_500,
      message: expect.stringMatching(/1 requests a second, counted over 10 s.*raise the limit/),
    });
    await clock.advance(7_500);
    expect(await passes(0)).toBe(true);
  });

  test('take nothing from those of another caller', async () => {
    const { passes } = processes(1, 1);
    expect(await passed(100, () => passes(0, 'noisy'))).toBe(10);
    expect(await passed(10, () => passes(0, 'quiet'))).toBe(10);
  });

  test('cost no write while they are few, one in many otherwise, and none once refused', async () => {
    const { writes, passes } = processes(1, 100);
    await passed(19, passes);
    expect(writes).toEqual([]);
    expect(await passed(981, passes)).toBe(981);
    expect(writes).toEqual(Array(50).fill(20));
    expect(await passed(500, passes)).toBe(0);
    expect(writes).toHaveLength(50);
  });

  test('are neither counted nor refused without a limit', async () => {
    const { writes, passes } = processes(2, null);
    expect(await passed(1_000, passes)).toBe(1_000);
    expect(writes).toEqual([]);
  });

  test('never pass in number below the limit less one batch, nor above it by more than a batch a process', async () => {
    const cases = fc.record({
      perSecond: fc.integer({ min: 1, max: 60 }),
      count: fc.integer({ min: 1, max: 6 }),
      order: fc.array(fc.nat(1_000), { minLength: 700, maxLength: 1_200 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ perSecond, count, order }) => {
        const { passes } = processes(count, perSecond);
        const most = perSecond * 10;
        const through = await passed(order.length, (at) => passes(order[at] ?? 0));
        const batch = Math.ceil(most / 50);
        expect(through).toBeGreaterThanOrEqual(Math.min(order.length, most - batch));
        expect(through).toBeLessThanOrEqual(most + (count - 1) * batch);
      }),
      { numRuns: 60 },
    );
  });
});
