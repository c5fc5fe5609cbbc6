import { describe, expect, test } from 'vitest';
import { type DeploymentLimits, makeLimitsOf, UNLIMITED } from '../../../lib/limits/caller-limits.ts';
import { makeInFlight } from '../../../lib/limits/in-flight.ts';
import type { LoadStore } from '../../../lib/limits/ports.ts';
import { makeMemoryClock } from '../../memory/clock.ts';
import { makeMemoryLimits } from '../../memory/limits.ts';
import { makeMemoryLog } from '../../memory/log.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const settings: DeploymentLimits = { ...UNLIMITED, directRuns: 10, workers: 5, keptForOthersPercent: 20 };

/** Several processes that share one store, with their own caches. */
const make = (deployment = settings, wrap: (store: LoadStore) => LoadStore = (store) => store) => {
  const clock = makeMemoryClock();
  const { limits, load: store } = makeMemoryLimits();
  const load = wrap(store);
  const log = makeMemoryLog();
  const limitsOf = makeLimitsOf(limits, deployment, clock);
  const start = (random = () => 0.5, sleep = clock.sleep) =>
    makeInFlight({ load, limitsOf, clock, sleep, random, log });
  const window = () => Math.floor(clock.now() / MINUTE);
  return { clock, load: store, log, start, counted: (at = window()) => store.load('docs', at), window };
};
type Made = ReturnType<typeof make>;

const enterJobs = async (made: Made, count: number) => {
  const leaves = [];
  for (let at = 0; at < count; at += 1) {
    const entered = await made.start().enterJob('docs', 0);
    if ('turnAt' in entered) throw new Error(`job ${at + 1} found no place`);
    leaves.push(entered.leave);
  }
  return leaves;
};

describe('direct runs of a caller', () => {
  test("are let in up to the caller's share, whichever process they reach, and the next once one has left", async () => {
    const made = make();
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => made.start().enterDirect('docs')));
    const leaves = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    expect(leaves).toHaveLength(8);
    await expect(made.start().enterDirect('docs')).rejects.toMatchObject({
      code: 'too_many_runs',
      message: expect.stringMatching(/8 runs in flight.*"background": true.*raise the limit/),
    });
    await expect(made.start().enterDirect('other')).resolves.toBeTypeOf('function');
    await leaves[0]?.();
    await expect(made.start().enterDirect('docs')).resolves.toBeTypeOf('function');
  });

  test('are counted in the next minute at once where their own ends while they are let in', async () => {
    const made: Made = make(settings, (store) => ({
      ...store,
      enter: async (...of) => {
        const count = await store.enter(...of);
        const { clock } = made;
        if (of[1] === first) await clock.advance((first + 1) * MINUTE + 5 - clock.now());
        return count;
      },
    }));
    const first = made.window();
    const waits: number[] = [];
    const process = made.start(undefined, (ms, signal) => {
      waits.push(ms);
      return made.clock.sleep(ms, signal);
    });
    const leave = await process.enterDirect('docs');
    await made.clock.advance(1);
    expect(await made.counted(first + 1)).toMatchObject({ direct: 1 });
    expect(waits).toEqual([0, MINUTE - 5]);
    await leave();
  });

  test('are refused for as long as one of them is expected to go on', async () => {
    const made = make({ ...settings, directRuns: 2 });
    const leave = await made.start().enterDirect('docs');
    await made.clock.advance(30 * SECOND);
    await leave();
    await made.start().enterDirect('docs');
    await expect(made.start().enterDirect('docs')).rejects.toMatchObject({ retryAfterMs: 30 * SECOND });
  });

  test('are refused by a process without a further call for a quarter of a second, while one refusal costs a write', async () => {
    let calls = 0;
    const made = make({ ...settings, directRuns: 1 }, (store) => ({
      ...store,
      enter: (...of) => {
        calls += 1;
        return store.enter(...of);
      },
    }));
    const leave = await made.start().enterDirect('docs');
    const process = made.start();
    const refused = () =>
      expect(process.enterDirect('docs')).rejects.toMatchObject({ code: 'too_many_runs' });
    for (let at = 0; at < 10; at += 1) await refused();
    expect(calls).toBe(2);
    await leave();
    await made.clock.advance(249);
    await refused();
    await made.clock.advance(1);
    await expect(process.enterDirect('docs')).resolves.toBeTypeOf('function');
    await expect(made.start().enterJob('docs', 0)).resolves.toHaveProperty('leave');
  });

  test('are counted once however often they leave', async () => {
    const made = make();
    await made.start().enterDirect('docs');
    const leave = await made.start().enterDirect('docs');
    await Promise.all([leave(), leave()]);
    expect(await made.counted()).toMatchObject({ direct: 1, ended: 1 });
  });

  test('are counted for as long as they go on, in the window of the minute', async () => {
    const made = make({ ...settings, directRuns: 1 });
    const leave = await made.start().enterDirect('docs');
    const process = made.start();
    for (let minute = 0; minute < 14; minute += 1) {
      await made.clock.advance(MINUTE);
      expect(await made.counted()).toMatchObject({ direct: 1 });
      expect(await made.counted(made.window() - 1)).toMatchObject({ direct: 0 });
      await expect(process.enterDirect('docs')).rejects.toMatchObject({ code: 'too_many_runs' });
    }
    await leave();
    await made.clock.advance(250);
    await expect(process.enterDirect('docs')).resolves.toBeTypeOf('function');
  });

  test('of a process that died are forgotten after two minutes, and until then count', async () => {
    const made = make({ ...settings, directRuns: 1 });
    // Counted, with nobody who would move it on or take it out.
    await made.load.enter('docs', made.window(), 'direct', 1);
    await made.clock.advance(MINUTE);
    await expect(made.start().enterDirect('docs')).rejects.toMatchObject({ code: 'too_many_runs' });
    await made.clock.advance(MINUTE);
    await expect(made.start().enterDirect('docs')).resolves.toBeTypeOf('function');
  });

  test('are let in where the last window has emptied since a process has read it', async () => {
    const made = make({ ...settings, directRuns: 2, keptForOthersPercent: 10 });
    await made.load.enter('docs', made.window(), 'direct', 1);
    await made.clock.advance(MINUTE);
    const process = made.start();
    await expect(process.enterDirect('docs')).rejects.toMatchObject({ code: 'too_many_runs' });
    await made.load.leave('docs', made.window() - 1, 'direct');
    await made.clock.advance(250);
    await expect(process.enterDirect('docs')).resolves.toBeTypeOf('function');
  });

  test('count too long rather than too short when they cannot be taken out', async () => {
    const made = make(settings, (store) => ({ ...store, leave: () => Promise.reject(new Error('down')) }));
    const leave = await made.start().enterDirect('docs');
    await expect(leave()).resolves.toBeUndefined();
    expect(await made.counted()).toMatchObject({ direct: 1 });
    expect(made.log.entries.map(({ event }) => event)).toContain('load.over_counted');
  });

  test('are counted by a quarter of them while at most an eighth of the limit is in flight, and one by one beyond', async () => {
    const made = make({ ...settings, directRuns: 200 });
    let draw = 0;
    const process = made.start(() => draw);
    const enter = async (drawn: number) => {
      draw = drawn;
      const leave = await process.enterDirect('docs');
      return { leave, counted: (await made.counted()).direct };
    };
    const entered = [await enter(0.99), await enter(0.24), await enter(0.25), await enter(0)];
    expect(entered.map(({ counted }) => counted)).toEqual([0, 4, 4, 8]);
    for (const { leave } of entered) await leave();
    expect(await made.counted()).toMatchObject({ direct: 0, ended: 8 });

    await made.load.enter('docs', made.window(), 'direct', 160, 21);
    await made.clock.advance(2_000);
    expect((await enter(0.99)).counted).toBe(21); // the last look is not too old yet
    await made.clock.advance(1);
    expect([(await enter(0.99)).counted, (await enter(0.99)).counted]).toEqual([22, 23]);
  });

  test('that would count for several and exceed the limit are counted one by one', async () => {
    const made = make({ ...settings, directRuns: 200 });
    const process = made.start(() => 0);
    await process.enterDirect('docs');
    await made.load.enter('docs', made.window(), 'direct', 160, 154);
    for (const _ of [1, 2]) await process.enterDirect('docs');
    expect(await made.counted()).toMatchObject({ direct: 160 });
    await expect(process.enterDirect('docs')).rejects.toMatchObject({ code: 'too_many_runs' });
  });

  test('cost nothing without a limit', async () => {
    const down = () => Promise.reject(new Error('down'));
    const made = make(UNLIMITED, () => ({
      ...{ addRequests: down, enter: down, leave: down, load: down, lastTurn: down, takeTurn: down },
    }));
    await (await made.start().enterDirect('docs'))();
    await expect(made.start().enterJob('docs', 0)).resolves.toMatchObject({ most: null });
  });
});

describe('jobs of a caller', () => {
  test('have places of their own, four of five workers, which direct runs do not take', async () => {
    const made = make();
    for (let at = 0; at < 8; at += 1) await made.start().enterDirect('docs');
    await enterJobs(made, 4);
    expect(await made.start().enterJob('docs', 0)).toEqual({ turnAt: expect.any(Number) });
    expect(await made.start().enterJob('other', 0)).toMatchObject({ most: 4 });
  });

  test('take turns one after another, at the pace at which its jobs have ended', async () => {
    const made = make();
    const leaves = await enterJobs(made, 4);
    await made.clock.advance(4_800);
    await leaves[0]?.();
    await enterJobs(made, 1);
    const turns = [];
    for (let at = 0; at < 3; at += 1) {
      const waiting = await made.start().enterJob('docs', 0);
      turns.push('turnAt' in waiting ? waiting.turnAt - made.clock.now() : 0);
    }
    // Four places and jobs of 4.8 s: one ends each 1.2 s, and turns come a fifth faster.
    expect(turns).toEqual([1_000, 2_000, 3_000]);
  });

  test('come back ever more seldom while they find no place, a second later at least', async () => {
    const made = make({ ...settings, workers: 1 });
    await (await enterJobs(made, 1))[0]?.(); // it took no time at all
    await enterJobs(made, 1);
    const waits: number[] = [];
    for (let turns = 0; turns < 9; turns += 1) {
      const waiting = await made.start().enterJob('docs', turns);
      waits.push('turnAt' in waiting ? waiting.turnAt - made.clock.now() : 0);
    }
    expect(waits.map((ms) => ms / SECOND)).toEqual([1, 2, 4, 8, 16, 32, 32, 32, 32]);
  });

  test('that are new do not overtake those that wait, even when there is a place', async () => {
    const made = make();
    const leaves = await enterJobs(made, 4);
    for (let at = 0; at < 8; at += 1) await made.start().enterJob('docs', 0);
    await leaves[0]?.();
    expect(await made.start().enterJob('docs', 0)).toHaveProperty('turnAt');
    expect(await made.start().enterJob('docs', 1)).toHaveProperty('leave');
  });

  test('try again within five minutes, at different times, when all earlier turns are taken', async () => {
    const made = make({ ...settings, workers: 1 });
    const [leave] = await enterJobs(made, 1);
    await made.clock.advance(6_000);
    await leave?.();
    await enterJobs(made, 1);
    const waits: number[] = [];
    for (let at = 0; at < 100; at += 1) {
      const waiting = await made.start().enterJob('docs', 0);
      waits.push('turnAt' in waiting ? waiting.turnAt - made.clock.now() : 0);
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(5 * MINUTE + 6 * SECOND);
    expect(waits.at(-1)).toBe(0.75 * 5 * MINUTE);
    expect(new Set(waits.slice(0, 50)).size).toBe(50);
  });
});

describe('a job that is not sent yet', () => {
  test('queues up behind those of its caller that wait, and takes no turn when none does', async () => {
    const made = make();
    expect(await made.start().queueUp('docs')).toBeUndefined();
    await enterJobs(made, 4);
    expect(await made.start().queueUp('docs')).toBeUndefined();
    for (let at = 0; at < 8; at += 1) await made.start().enterJob('docs', 0);
    const last = await made.load.lastTurn('docs');
    expect(await made.start().queueUp('docs')).toBeGreaterThan(last);
    expect(await made.start().queueUp('other')).toBeUndefined();
  });
});
