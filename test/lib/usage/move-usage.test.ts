import { beforeEach, describe, expect, test } from 'vitest';
import { timedRunId } from '../../../lib/runs/keys.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeMarkUsage } from '../../../lib/usage/mark.ts';
import { type MoveUsageDeps, moveUsage } from '../../../lib/usage/move-usage.ts';
import type { Period } from '../../../lib/usage/ports.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const HOUR_13: Period = { caller: 'docs', kind: 'HOUR', name: '2026-11-22T13' };
const DAY_22: Period = { caller: 'docs', kind: 'DAY', name: '2026-11-22' };
const CLOSING = Date.parse('2026-11-22T14:11:00Z');

let world: World;
let made = 0;
beforeEach(() => {
  world = makeWorld({ usageKeys: ['team'] });
});

/** An ended run of 13:00 to 14:00 in its caller's list, marked as by the worker that ended it. */
const ended = async (own: Partial<Run> = {}, minute = 0): Promise<Run> => {
  made += 1;
  const at = Date.parse('2026-11-22T13:00:00Z') + minute * MINUTE;
  const random = Buffer.alloc(10);
  random.writeUInt32BE(made, 6);
  const run = makeRun({
    ...{ id: timedRunId(at, random), createdAt: new Date(at).toISOString(), caller: 'docs' },
    ...{ status: 'completed', generations: [makeFigures({ completionTokens: 10 })] },
    ...own,
  });
  await world.list.put(listedOf(run));
  await makeMarkUsage(world)(run);
  return run;
};
const at = (instant: number) => world.clock.advance(instant - world.clock.now());
const move = ({ caller, kind, name }: Period, more: Partial<MoveUsageDeps> = {}) =>
  moveUsage({ pk: `USAGE#${caller}`, sk: `${kind}#${name}` }, { ...world.deps, ...more });
const requestsOf = async (period: Period) =>
  (await world.totals.get(period))?.shapes.reduce((sum, { requests }) => sum + requests, 0);

describe('an hour', () => {
  test('is summed eleven minutes after its end, by models, labels and chosen metadata', async () => {
    const metadata = { team: 'a', order: '7' };
    await ended({ metadata });
    await ended({ metadata: { ...metadata, order: '8' } }, 59);
    await ended({ metadata, status: 'failed', labels: ['x'], models: ['m'] });
    await at(CLOSING - 1);
    await move(HOUR_13);
    expect(await requestsOf(HOUR_13)).toBe(0);
    await at(CLOSING);
    await move(HOUR_13);
    const found = await world.totals.get(HOUR_13);
    expect(found).toMatchObject({ keys: ['team'], version: 1, dueAt: null });
    expect(found?.shapes).toMatchObject([
      { metadata: { team: 'a' }, requests: 2, failedRequests: 0, parts: [{ completionTokens: 20 }] },
      { metadata: { team: 'a' }, requests: 1, failedRequests: 1, parts: [{ model: 'm', label: 'x' }] },
    ]);
  });

  test('has its day summed, and the day is due no earlier than at its own end', async () => {
    await ended();
    await at(CLOSING);
    await move(HOUR_13);
    expect((await world.totals.get(DAY_22))?.dueAt).toBe(Date.parse('2026-11-23T00:15:00Z'));
  });

  test('is summed again when a run ends after it was summed, and then its day', async () => {
    await ended();
    await at(CLOSING);
    await move(HOUR_13);
    await at(Date.parse('2026-11-23T00:15:00Z'));
    await move(DAY_22);
    expect(await requestsOf(DAY_22)).toBe(1);
    await ended();
    expect((await world.totals.get(HOUR_13))?.dueAt).toBe(world.clock.now() + 5 * MINUTE);
    await at(world.clock.now() + 5 * MINUTE);
    await move(HOUR_13);
    await at(world.clock.now() + MINUTE);
    await move(DAY_22);
    expect([await requestsOf(HOUR_13), await requestsOf(DAY_22)]).toEqual([2, 2]);
  });

  test('stays due when a run ends while it is summed', async () => {
    await ended();
    await at(CLOSING);
    const newest: typeof world.list.newest = async function* (query) {
      yield* world.list.newest(query);
      await ended();
    };
    await move(HOUR_13, { list: { ...world.list, newest } });
    expect(await world.totals.get(HOUR_13)).toMatchObject({ dueAt: CLOSING + 5 * MINUTE, version: 1 });
    await at(CLOSING + 5 * MINUTE);
    await move(HOUR_13);
    expect(await requestsOf(HOUR_13)).toBe(2);
  });

  test('that one sweep has no time to read is continued by the next ones, and counts each run once', async () => {
    for (let minute = 0; minute < 60; minute += 1)
      for (const team of ['a', 'b']) await ended({ metadata: { team } }, minute);
    await at(CLOSING);
    let sweeps = 0;
    while ((await world.totals.get(HOUR_13))?.dueAt !== null && sweeps < 10) {
      await move(HOUR_13, { remainingMs: () => 0 });
      sweeps += 1;
    }
    // Of 40 entries each, and one that finds no more.
    expect(sweeps).toBe(4);
    expect(await requestsOf(HOUR_13)).toBe(120);
  });

  test('that is continued is due behind all that is due by now', async () => {
    for (let minute = 0; minute < 60; minute += 1) await ended({}, minute);
    await at(CLOSING + 3 * MINUTE);
    await move(HOUR_13, { remainingMs: () => 0 });
    expect((await world.totals.get(HOUR_13))?.dueAt).toBe(CLOSING + 3 * MINUTE);
    await ended({}, 59);
    await move(HOUR_13);
    expect(await requestsOf(HOUR_13)).toBe(60);
    await at(CLOSING + 8 * MINUTE);
    await move(HOUR_13);
    expect(await requestsOf(HOUR_13)).toBe(61);
  });

  test('is begun anew where its sum under way is of an earlier state', async () => {
    for (let minute = 0; minute < 60; minute += 1) await ended({}, minute);
    await at(CLOSING);
    await move(HOUR_13, { remainingMs: () => 0 });
    await move(HOUR_13, { usageKeys: [] });
    expect(await requestsOf(HOUR_13)).toBe(60);
    await ended();
    await at(world.clock.now() + 5 * MINUTE);
    await move(HOUR_13);
    expect(await requestsOf(HOUR_13)).toBe(61);
  });

  test('of more than 390 days ago keeps its sums, since its deleted runs have left the list', async () => {
    await ended();
    await at(CLOSING);
    await move(HOUR_13);
    await at(CLOSING + 391 * DAY);
    world.list.entries.clear();
    await ended();
    await at(world.clock.now() + 5 * MINUTE);
    await move(HOUR_13);
    expect(await world.totals.get(HOUR_13)).toMatchObject({ dueAt: null });
    expect(await requestsOf(HOUR_13)).toBe(1);
  });
});

test('a day waits for its hours that are due', async () => {
  await ended();
  await at(CLOSING);
  await move(HOUR_13);
  await ended();
  const midnight = Date.parse('2026-11-23T00:15:00Z');
  await at(midnight);
  await move(DAY_22);
  expect(await world.totals.get(DAY_22)).toMatchObject({ version: 0, dueAt: midnight + 5 * MINUTE });
  await move(HOUR_13);
  await at(midnight + 5 * MINUTE);
  await move(DAY_22);
  expect(await requestsOf(DAY_22)).toBe(2);
});

describe('a process that marks hours', () => {
  test('writes once for each caller and hour until a minute before it is due, then again', async () => {
    const mark = makeMarkUsage(world);
    const run = { caller: 'docs', createdAt: '2026-11-22T13:05:00.000Z' };
    const marks = async () => (await world.totals.get(HOUR_13))?.marks;
    for (let times = 0; times < 3; times += 1) await mark(run);
    await at(CLOSING - MINUTE - 1);
    await mark(run);
    expect(await marks()).toBe(1);
    await at(CLOSING - MINUTE);
    await mark(run);
    expect(await marks()).toBe(2);
  });

  test('marks a closed hour every few minutes while runs of it end', async () => {
    const mark = makeMarkUsage(world);
    const run = { caller: 'docs', createdAt: '2026-11-22T13:05:00.000Z' };
    await at(CLOSING + 60 * MINUTE);
    for (let times = 0; times < 3; times += 1) await mark(run);
    expect(await world.totals.get(HOUR_13)).toMatchObject({
      marks: 1,
      dueAt: world.clock.now() + 5 * MINUTE,
    });
  });
});
