import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder } from '../../../lib/async/in-order.ts';

test('inOrder yields results in the order of the items, with at most atOnce concurrent calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5), { maxLength: 30 }),
      fc.integer({ min: 1, max: 6 }),
      async (turns, atOnce) => {
        let underWay = 0;
        let most = 0;
        const work = async (count: number) => {
          most = Math.max(most, ++underWay);
          for (let turn = 0; turn < count; turn += 1) await setImmediate();
          underWay -= 1;
          return count;
        };
        const results: number[] = [];
        for await (const result of inOrder(turns, atOnce, work)) results.push(result);
        expect(results).toEqual(turns);
        expect(most).toBeLessThanOrEqual(atOnce);
      },
    ),
    { numRuns: 50 },
  );
});

test('inOrder rejects with the first failure in that order', async () => {
  const fail = async (at: number) => {
    if (at < 2) await setImmediate();
    if (at > 0) throw new Error(`item ${at}`);
    return at;
  };
  const seen: number[] = [];
  const reading = async () => {
    for await (const result of inOrder([0, 1, 2, 3], 4, fail)) seen.push(result);
  };
  await expect(reading()).rejects.toThrow('item 1');
  expect(seen).toEqual([0]);
});
