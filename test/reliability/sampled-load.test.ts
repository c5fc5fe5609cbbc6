import { describe, expect, test } from 'vitest';
import { makeLimitsOf, UNLIMITED } from '../../lib/limits/caller-limits.ts';
import { type InFlight, type Leave, makeInFlight } from '../../lib/limits/in-flight.ts';
import { seededRandom } from '../../local/model/random.ts';
import { makeMemoryClock } from '../memory/clock.ts';
import { makeMemoryLimits } from '../memory/limits.ts';
import { makeMemoryLog } from '../memory/log.ts';

const RUN_MS = 2_500;
const STEP_MS = 50;
/** Environments that are warm: few, each with a look of its own, or many with old ones. */
const POOLS = [0, 1_000];

type Played = {
  /** The largest number of runs in flight, counted by the test itself. */
  most: number;
  /** How long more than the limit were in flight, in all. */
  overMs: number;
  refused: number;
  /** Refusals while at most an eighth of the limit was in flight. */
  refusedFar: number;
  writes: number;
  runs: number;
};

/**
 * Plays runs of one caller, each in a process of its own, as on Lambda. `loadAt` gives the number in flight, in parts of
 * the limit, that requests would need at a time; requests beyond the limit are offered all the same.
 */
const play = async (
  limit: number,
  seed: number,
  forMs: number,
  loadAt: (ms: number) => number,
  processes: number,
): Promise<Played> => {
  const random = seededRandom(seed);
  const clock = makeMemoryClock();
  const { limits, load: store } = makeMemoryLimits();
  const played = { most: 0, overMs: 0, refusedFar: 0, refused: 0, writes: 0, runs: 0 };
  const load: typeof store = {
    ...store,
    enter: (...of) => {
      played.writes += 1;
      return store.enter(...of);
    },
    leave: (...of) => {
      played.writes += 1;
      return store.leave(...of);
    },
  };
  const limitsOf = makeLimitsOf(limits, { ...UNLIMITED, runsInFlight: limit }, clock);
  const log = makeMemoryLog();
  const start = () => makeInFlight({ load, limitsOf, clock, sleep: clock.sleep, random, log });
  const idle = Array.from({ length: processes }, start);
  const running: { process: InFlight; leave: Leave; endsAt: number }[] = [];

  const arrive = async (): Promise<void> => {
    const at = Math.floor(random() * idle.length);
    const [process = start()] = idle.splice(at, 1);
    try {
      const leave = await process.enterDirect('docs');
      running.push({ process, leave, endsAt: clock.now() + RUN_MS });
      played.runs += 1;
    } catch {
      played.refused += 1;
      if (running.length <= limit / 8) played.refusedFar += 1;
      idle.push(process);
    }
  };
  for (let ms = 0; ms < forMs; ms += STEP_MS) {
    await clock.advance(STEP_MS);
    while (running[0] && running[0].endsAt <= clock.now()) {
      const [{ process, leave }] = running.splice(0, 1) as [(typeof running)[0]];
      await leave();
      idle.push(process);
    }
    // As many as arrive at random: a Poisson number.
    const none = Math.exp((-loadAt(ms) * limit * STEP_MS) / RUN_MS);
    for (let chance = random(); chance > none; chance *= random()) await arrive();
    played.most = Math.max(played.most, running.length);
    if (running.length > limit) played.overMs += STEP_MS;
  }
  return played;
};

/** A tenth of the limit, then within so many ms three times the limit. */
const rising = (withinMs: number) => (ms: number) =>
  ms < QUIET_MS ? 0.1 : Math.min(3, 0.1 + (2.9 * (ms - QUIET_MS)) / withinMs);
const QUIET_MS = 10_000;

/** The most by which a limit was exceeded in 300 plays with seeds 1 to 20, limits of 128, 400 and 2,000: 44 runs. */
const MARGIN = 45;

describe.each([128, 400])('direct runs of a caller that may have %d in flight', (limit) => {
  test.each([1, 5_000, 30_000])(
    'are hardly more, and for less than the time of a run, when three times as many come within %d ms',
    async (withinMs) => {
      for (const pool of POOLS)
        for (const seed of [1, 2]) {
          const played = await play(limit, seed, QUIET_MS + withinMs + 15_000, rising(withinMs), pool);
          expect(played.refused).toBeGreaterThan(limit);
          expect(played.most).toBeGreaterThanOrEqual(limit);
          expect(played.most).toBeLessThanOrEqual(limit + MARGIN);
          expect(played.overMs).toBeLessThan(RUN_MS);
          expect(played.refusedFar).toBe(0);
        }
    },
  );

  test('are never refused while an eighth is in flight, and cost half as many writes at a twentieth', async () => {
    for (const pool of POOLS) {
      expect(await play(limit, 3, 130_000, () => 1 / 8, pool)).toMatchObject({ refused: 0, overMs: 0 });
      const { runs, writes, refused } = await play(limit, 4, 130_000, () => 1 / 20, pool);
      expect({ refused, isHalf: writes <= runs }).toEqual({ refused: 0, isHalf: true });
    }
  });
});

test('direct runs of a caller that may have fewer than 128 in flight are counted one by one', async () => {
  const { most, writes, runs, overMs } = await play(127, 5, 50_000, () => 1 / 20, 0);
  expect(most).toBeLessThanOrEqual(127);
  expect({ overMs, areAllCounted: writes >= 2 * runs - most }).toEqual({ overMs: 0, areAllCounted: true });
});
