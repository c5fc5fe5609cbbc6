import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concurrencyOf, inOrder, type Limit, limitsOf, metAt } from '../../../tools/scale/limits.ts';
import { MEASURED } from '../../../tools/scale/measured.ts';
import { runUsage } from '../../../tools/scale/run-usage.ts';
import { setupOf } from '../../../tools/scale/standing.ts';
import { TYPICAL, type Workload } from '../../../tools/scale/workload.ts';

const of = (workload: Partial<Workload>): Map<string, Limit> => {
  const asked = { ...TYPICAL, ...workload };
  const limits = limitsOf(runUsage(MEASURED, asked), 2, asked, setupOf({ due: 8, list: 4 }));
  return new Map(limits.map((limit) => [limit.what.replace(/ .*/, ''), limit]));
};
const rate = (limits: Map<string, Limit>, name: string): number => {
  const limit = limits.get(name);
  return (limit && metAt(limit)) ?? Number.NaN;
};

describe('a limit', () => {
  test('is met at the rate that uses all of it', () => {
    expect(metAt({ perRun: 4, limit: 1_000 })).toBe(250);
    expect(metAt({ perRun: 4, limit: undefined })).toBeUndefined();
    expect(metAt({ perRun: 0, limit: 5 })).toBeUndefined();
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 1_000_000_000 }),
        (perRun, limit) => {
          expect(((metAt({ perRun, limit }) ?? 0) * perRun) / limit).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  test('comes before those that a growing rate meets later', () => {
    const rates = inOrder([...of({}).values()]).map((each) => metAt(each) ?? Number.POSITIVE_INFINITY);
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(rates.length).toBeGreaterThan(10);
  });
});

describe('concurrency', () => {
  test("is arrivals times time, by Little's law", () => {
    expect(concurrencyOf(100, 2_500)).toBe(250);
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(900_000),
        fc.integer({ min: 1, max: 9 }),
        (perSecond, ms, times) => {
          expect(concurrencyOf(perSecond * times, ms)).toBeCloseTo(concurrencyOf(perSecond, ms) * times, 3);
        },
      ),
    );
  });

  test('of longer outputs reaches the limits of the account and of the jobs queue at a lower rate', () => {
    const [short, long] = [of({ way: 'background' }), of({ way: 'background', outputTokens: 2_000 })];
    expect(rate(long, 'Lambda')).toBeLessThan(rate(short, 'Lambda'));
    expect(rate(long, 'Jobs')).toBeLessThan(rate(short, 'Jobs'));
  });
});

test('the jobs queue limits background runs, and the gateway limits calls of the API', () => {
  expect([...of({ way: 'background' }).keys()]).toContain('Jobs');
  expect([...of({ way: 'stream' }).keys()]).not.toContain('Jobs');
  expect([...of({ way: 'stream' }).keys()]).toContain('API');
});

test('twice the shards of the due index, or of a list, allow twice the rate', () => {
  const metBy = (name: string, shards: { due: number; list: number }) => {
    const limits = limitsOf(runUsage(MEASURED, TYPICAL), 2, TYPICAL, setupOf(shards));
    const found = limits.find(({ what }) => what.includes(name));
    return (found && metAt(found)) ?? Number.NaN;
  };
  const [few, many] = [
    { due: 8, list: 4 },
    { due: 16, list: 8 },
  ];
  expect(metBy('shards of the index', many)).toBe(2 * metBy('shards of the index', few));
  expect(metBy('list of runs', many)).toBe(2 * metBy('list of runs', few));
});
