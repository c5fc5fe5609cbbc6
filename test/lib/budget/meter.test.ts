import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTHING, type Spent } from '../../../lib/budget/amount.ts';
import { makeRunMeter } from '../../../lib/budget/meter.ts';
import { OverBudgetError } from '../../../lib/errors.ts';

const of = (tokens: number): Spent => ({ tokens, nanoUsd: tokens * 10 });
const DAY = '2026-11-22';
const over = () => Promise.reject(new OverBudgetError('over', { retryAfterMs: 1 }));

const meterOf = (bounds: number[], extend: (more: Spent) => Promise<void> = over) => {
  const sum = bounds.reduce((total, bound) => total + bound, 0);
  return makeRunMeter({ day: DAY, ...of(sum) }, bounds.map(of), extend);
};

describe('a run', () => {
  test('has one attempt at each generation reserved, and is counted what they used', async () => {
    const meter = meterOf([100, 100]);
    for (const index of [0, 1]) {
      const attempts = meter.attemptsAt(index);
      await attempts.begin(of(100));
      attempts.end(() => of(30 + index));
    }
    expect(meter.counted()).toEqual(of(61));
    expect(meter.reservation()).toEqual({ day: DAY, ...of(200) });
  });

  test('is counted an attempt under way, and one that broke off, with all that they may use', async () => {
    const meter = meterOf([100, 100]);
    await meter.attemptsAt(0).begin(of(90));
    const broken = meter.attemptsAt(1);
    await broken.begin(of(100));
    broken.end();
    expect(meter.counted()).toEqual(of(190));
  });

  test('tries again within its reservation after an attempt that cannot have been billed', async () => {
    const attempts = meterOf([100]).attemptsAt(0);
    await attempts.begin(of(100));
    attempts.end(() => NOTHING);
    await attempts.begin(of(100));
  });

  test('has each attempt after one that may have been billed reserved anew', async () => {
    const extended: Spent[] = [];
    const meter = meterOf([100], async (more) => {
      extended.push(more);
    });
    const attempts = meter.attemptsAt(0);
    await attempts.begin(of(100));
    attempts.end();
    await attempts.begin(of(110));
    expect(extended).toEqual([of(110)]);
    expect(meter.reservation()).toMatchObject(of(210));
    attempts.end(() => of(7));
    expect(meter.counted()).toEqual(of(107));
  });

  test('begins no attempt that its budget does not cover', async () => {
    const meter = meterOf([100]);
    const attempts = meter.attemptsAt(0);
    await attempts.begin(of(100));
    attempts.end();
    await expect(attempts.begin(of(1))).rejects.toThrow(OverBudgetError);
    expect(meter.counted()).toEqual(of(100));
    expect(meter.reservation()).toMatchObject(of(100));
  });

  test('never sends more than is reserved, in any order of attempts at once', async () => {
    const attempt = fc.record({
      index: fc.nat(3),
      bound: fc.integer({ min: 1, max: 50 }),
      used: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 30 }), fc.nat(400), async (tries, budget) => {
        let left = budget;
        const bounds = [20, 20, 20, 20];
        const meter = meterOf(bounds, async ({ tokens }) => {
          await Promise.resolve();
          if (tokens > left) throw new OverBudgetError('over', { retryAfterMs: 1 });
          left -= tokens;
        });
        let billable = 0;
        await Promise.all(
          bounds.map(async (_, index) => {
            const attempts = meter.attemptsAt(index);
            for (const { bound, used } of tries.filter((one) => one.index === index)) {
              try {
                await attempts.begin(of(bound));
              } catch {
                continue;
              }
              billable += used === null ? bound : Math.floor(bound * used);
              attempts.end(used === null ? undefined : () => of(Math.floor(bound * used)));
            }
          }),
        );
        expect(meter.counted().tokens).toBe(billable);
        expect(billable).toBeLessThanOrEqual(meter.reservation().tokens);
        expect(meter.reservation().tokens).toBe(80 + budget - left);
      }),
    );
  });
});
