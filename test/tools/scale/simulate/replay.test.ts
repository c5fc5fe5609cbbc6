import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerOf, keysOf, templatesOf } from '../../../../tools/scale/simulate/demand.ts';
import { newLayout } from '../../../../tools/scale/simulate/layout.ts';
import { replay, type Scenario } from '../../../../tools/scale/simulate/replay.ts';
import type { RecordedWrite } from '../../../../tools/scale/writes/recorded.ts';

/** A write at the start of a run, which takes units from its own key and from those named. */
const writeOf = (...others: [space: string, partition: string, units: number][]): RecordedWrite => ({
  atMs: 0,
  perRun: 1,
  takes: [
    { space: 'table', partition: 'RUN#{run}', units: 1 },
    ...others.map(([space, partition, units]) => ({ space, partition, units })),
  ],
});
const layouts = new Map(['table', 'due', 'list'].map((space) => [space, newLayout()]));
const outcomeOf = (runsPerSecond: number, writes: RecordedWrite[], more: Partial<Scenario> = {}) =>
  replay({
    writes,
    shards: { 'due {shard}': 8 },
    traffic: { runsPerSecond, callers: 100, largestShare: 0.5 },
    ...{ layouts, seconds: 10, leadS: 10, seed: 7 },
    ...more,
  });

describe('the demand of a template', () => {
  const [write] = [writeOf(['due', '{shard}', 2], ['list', 'RUN#{caller}', 3])];
  const templates = templatesOf([write as RecordedWrite], { 'due {shard}': 8 });

  test('is shared by its keys: one caller has half of all runs, and shards have equal parts', () => {
    const traffic = { runsPerSecond: 100, callers: 3, largestShare: 0.5 };
    const units = (name: string) => {
      const template = templates.get(name);
      return template && keysOf(template, traffic).map((key) => key.units);
    };
    expect(units('list RUN#{caller}')).toEqual([150, 75, 75]);
    expect(units('due {shard}')).toEqual(Array(8).fill(25));
    expect(units('table RUN#{run}')).toEqual([]);
  });

  test('is the share of the runs that a drawn caller has', () => {
    const traffic = { runsPerSecond: 1, callers: 5, largestShare: 0.6 };
    expect([0, 0.59, 0.61, 0.69, 0.71, 0.999].map((random) => callerOf(random, traffic))).toEqual([
      0, 0, 1, 1, 2, 4,
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), (random) => {
        expect(callerOf(random, traffic)).toBeLessThan(5);
      }),
    );
  });
});

describe('a replay', () => {
  test('throttles nothing within the limits', () => {
    const outcome = outcomeOf(500, [writeOf(['list', 'RUN#{caller}', 2])]);
    expect(outcome).toMatchObject({ throttled: 0, failed: 0, p99WaitMs: 0, throttledBy: {} });
    expect(outcome.writes / 10).toBeGreaterThan(450);
    expect(outcome.writes / 10).toBeLessThan(550);
  });

  test('loses what a caller asks of one key of an index beyond 1,000 units a second, and blames that index', () => {
    const traffic = { runsPerSecond: 1_500, callers: 1, largestShare: 1 };
    const outcome = outcomeOf(0, [writeOf(['list', 'RUN#{caller}', 1])], { traffic });
    expect(Object.keys(outcome.throttledBy)).toEqual(['list RUN#{caller}']);
    expect(outcome.failed / outcome.writes).toBeCloseTo(500 / 1_500, 1);
    expect(outcome.hottest.name).toBe('list RUN#{caller}');
    expect(outcome.p99WaitMs).toBeGreaterThan(1_000); // up to 1, 2 and 4 s for the retries
    expect(outcome.p99WaitMs).toBeLessThan(7_003);
  });

  test('takes nothing from the table for a write that an index refuses', () => {
    // Each of the table's four partitions could give only half of what all attempts ask for.
    const outcome = outcomeOf(6_000, [writeOf(['due', '{shard}', 8])], {
      layouts: new Map([...layouts, ['table', newLayout()]]),
    });
    expect(outcome.throttledBy['table RUN#{run}'] ?? 0).toBe(0);
    expect(outcome.failed / outcome.writes).toBeGreaterThan(0.8);
  });

  test('spends what its partitions have stored, before it throttles', () => {
    const writes = [writeOf(['list', 'RUN#{caller}', 1])];
    expect(outcomeOf(3_000, writes, { storedS: 300 }).throttled).toBe(0);
    expect(outcomeOf(3_000, writes, { storedS: 1 }).throttled).toBeGreaterThan(0);
  });

  test('makes a write for as many runs as did when it was recorded', () => {
    const rare = { ...writeOf(), perRun: 0.25 };
    const [all, some] = [outcomeOf(400, [writeOf()]), outcomeOf(400, [rare])];
    expect(some.writes / all.writes).toBeCloseTo(0.25, 1);
  });

  test('has the same outcome for the same seed, and another for another', () => {
    const writes = [writeOf(['list', 'RUN#{caller}', 2])];
    const [first, again, other] = [7, 7, 8].map((seed) => outcomeOf(1_500, writes, { seed }));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
