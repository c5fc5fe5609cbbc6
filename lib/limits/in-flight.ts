import { ageMs, type Clock, type Instant, instantOf, type Random } from '../async/clock.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { LimitError, type LimitsOf } from './caller-limits.ts';
import type { Door, Load, LoadStore } from './ports.ts';

/** Ends the counting of a run; a second call has no effect. Never throws. */
export type Leave = () => Promise<void>;

export type InFlight = {
  /**
   * Counts a run that its request generates.
   *
   * @throws {LimitError} `too_many_runs` when the caller has as many as it may.
   */
  enterDirect(caller: string): Promise<Leave>;
  /**
   * Counts a job. When the caller has as many as it may, the job takes the caller's next turn (epoch ms), and tries
   * again then. `turns` is how many it has had; without one it does not overtake those that wait. `most` is the limit.
   */
  enterJob(
    caller: string,
    turns: number,
  ): Promise<{ leave: Leave; most: number | null } | { turnAt: number }>;
  /** The next turn (epoch ms) for a job that is not sent yet, if others of its caller wait for theirs. */
  queueUp(caller: string): Promise<number | undefined>;
};

export type InFlightDeps = {
  load: Omit<LoadStore, 'addRequests'>;
  limitsOf: LimitsOf;
  clock: Clock;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: Random;
  log: Log;
};

const WINDOW_MS = 60_000;
const RETRY_MS = 5_000;
const MAX_CALLERS = 1_000;
/** The duration of a run while none has ended. Short, since a turn that comes too early costs less than one too late. */
const UNKNOWN_MS = 1_000;
/** Turns come somewhat faster than jobs end, so that places do not stay free. */
const PACE = 1.2;
/** No turn is later than this, since the pace of jobs changes; jobs beyond try again at random times until then. */
const LATEST_MS = 5 * 60_000;
/** The least wait for a turn, doubled with each turn that found no place. A last turn this near is no queue yet. */
const SOON_MS = 1_000;
const MOST_DOUBLINGS = 5;

/** A process refuses a caller's next direct runs without asking again for this long, which is shorter than Retry-After. */
const REFUSED_MS = 250;

/**
 * Far from its limit, only one of so many direct runs of a caller is counted, for all of them, since a count costs two
 * writes. Far is at most one `FAR`th of the limit, by a look that is at most `LOOK_MS` old. Too old a look is renewed by
 * a read, at a tenth of the writes' price, unless it showed more: the next count is a look, too.
 */
export const SAMPLED = 4;
const FAR = 8;
const LOOK_MS = 2_000;
/** Where far is fewer runs than this, all are counted: a few samples tell too little of so few. */
const LEAST_FAR = 16;

const nothing: Leave = async () => {};
const tooManyRuns = (most: number, retryAfterMs: number): LimitError =>
  new LimitError(
    `this caller has ${most} runs in flight, as many as it may; wait for one to end, send the request with "background": true, or have the operator raise the limit`,
    { code: 'too_many_runs', retryAfterMs },
  );
const windowAt = (now: number): number => Math.floor(now / WINDOW_MS);

/** The ms until a window ends; 0 where it ended while the store was asked. */
const untilEnd = (window: number, now: number): number => Math.max(0, (window + 1) * WINDOW_MS - now);

/**
 * Counts callers' runs in flight against their limits, by single conditional writes: one when a run begins and one when
 * it ends. A run is counted in the window of the minute; one that goes on moves to the next window with it, so in flight
 * is what this window and the last one count. The count of a process that died ends with its window, after two minutes
 * at most; until then its caller has less room, never more.
 *
 * Of a caller's direct runs far from their limit, only a random quarter is counted, each for four. So when its load
 * rises to the limit within seconds, it can have some 40 runs more in flight, until runs from before the rise have ended.
 */
export const makeInFlight = ({ load, limitsOf, clock, sleep, random, log }: InFlightDeps): InFlight => {
  const refusals = new Map<string, { at: Instant; retryAfterMs: number }>();
  // Counts of the last window only fall, so an old copy refuses too much, and never too little.
  const lastLoads = new Map<string, { window: number; load: Load }>();

  const readLast = async (caller: string, window: number): Promise<Load> => {
    const last = await load.load(caller, window - 1);
    if (lastLoads.size >= MAX_CALLERS) lastLoads.clear();
    lastLoads.set(caller, { window, load: last });
    return last;
  };

  const knownLast = (caller: string, window: number): Load | undefined => {
    const cached = lastLoads.get(caller);
    return cached?.window === window ? cached.load : undefined;
  };
  const lastLoad = async (caller: string, window: number): Promise<Load> =>
    knownLast(caller, window) ?? readLast(caller, window);

  // How many direct runs of a caller are in flight, as this process has last seen it.
  const looks = new Map<string, { at: Instant; inFlight: number }>();
  const noteLook = (caller: string, inFlight: number): void => {
    if (looks.size >= MAX_CALLERS) looks.clear();
    looks.set(caller, { at: instantOf(clock), inFlight });
  };

  /** Reads how many direct runs are in flight where that is not known, or was few some time ago. */
  const isFar = async (caller: string, most: number): Promise<boolean> => {
    const far = Math.floor(most / FAR);
    if (far < LEAST_FAR) return false;
    const look = looks.get(caller);
    if (look && (look.inFlight > far || ageMs(look.at, clock) <= LOOK_MS)) return look.inFlight <= far;
    const window = windowAt(clock.now());
    const [now, last] = await Promise.all([load.load(caller, window), lastLoad(caller, window)]);
    noteLook(caller, now.direct + last.direct);
    return now.direct + last.direct <= far;
  };

  const enter = async (
    caller: string,
    door: Door,
    most: number,
    runs: number,
  ): Promise<Leave | undefined> => {
    const window = windowAt(clock.now());
    const known = knownLast(caller, window);
    const tryWith = async (last: Load): Promise<Leave | undefined> => {
      const count = await load.enter(caller, window, door, most - last[door], runs);
      if (count === undefined) return undefined;
      if (door === 'direct') noteLook(caller, count + last.direct);
      return hold(caller, door, window, runs);
    };
    const leave = await tryWith(known ?? (await readLast(caller, window)));
    if (leave || !known || known[door] === 0) return leave;
    return tryWith(await readLast(caller, window));
  };

  const enterSampled = async (caller: string, most: number): Promise<Leave | undefined> =>
    random() < 1 / SAMPLED ? enter(caller, 'direct', most, SAMPLED) : nothing;

  const hold = (caller: string, door: Door, first: number, runs: number): Leave => {
    const startedAt = clock.monotonic();
    const stopped = new AbortController();
    let counted = first;

    const takeOut = async (window: number, tookMs?: number): Promise<void> => {
      try {
        await load.leave(caller, window, door, { runs, tookMs });
      } catch (error) {
        log.warn('load.over_counted', { caller, door, ...errorFields(error) });
      }
    };
    const move = async (): Promise<number> => {
      const window = windowAt(clock.now());
      try {
        // Without a condition: the run goes on, whatever else has begun.
        if (window > counted) {
          await load.enter(caller, window, door, Number.POSITIVE_INFINITY, runs);
          await takeOut(counted);
        }
      } catch (error) {
        log.warn('load.not_moved', { caller, door, ...errorFields(error) });
        return RETRY_MS;
      }
      counted = window;
      return untilEnd(window, clock.now());
    };
    const keep = async () => {
      let waitMs = untilEnd(first, clock.now());
      while (!stopped.signal.aborted) {
        try {
          await sleep(waitMs, stopped.signal);
        } catch {
          return;
        }
        waitMs = await move();
      }
    };
    const kept = keep();

    const end = async () => {
      stopped.abort();
      await kept;
      await takeOut(counted, clock.monotonic() - startedAt);
    };
    let ended: Promise<void> | undefined;
    return () => {
      ended ??= end();
      return ended;
    };
  };

  /** How long a run of the caller takes, on average of those that ended in the last minutes. */
  const meanMs = async (caller: string): Promise<number> => {
    const window = windowAt(clock.now());
    const [now, last] = [await load.load(caller, window), await load.load(caller, window - 1)];
    const ended = now.ended + last.ended;
    return ended === 0 ? UNKNOWN_MS : (now.tookMs + last.tookMs) / ended;
  };

  const takeTurn = async (caller: string, most: number, turns: number): Promise<number> => {
    const gapMs = Math.ceil((await meanMs(caller)) / most / PACE);
    const now = clock.now();
    const turn = await load.takeTurn(caller, { now, until: now + LATEST_MS, gapMs });
    // A job comes back ever more seldom: no run may end for long, or all that are counted may be of dead processes.
    const soonest = now + SOON_MS * 2 ** Math.min(turns, MOST_DOUBLINGS);
    return Math.max(soonest, turn ?? now + LATEST_MS * (1 - random() / 2));
  };

  const doOthersWait = async (caller: string): Promise<boolean> =>
    (await load.lastTurn(caller)) > clock.now() + SOON_MS;

  return {
    enterDirect: async (caller) => {
      const { direct: most } = await limitsOf(caller);
      if (most === null) return nothing;
      const earlier = refusals.get(caller);
      if (earlier && ageMs(earlier.at, clock) < REFUSED_MS) throw tooManyRuns(most, earlier.retryAfterMs);
      const sampled = (await isFar(caller, most)) ? await enterSampled(caller, most) : undefined;
      const leave = sampled ?? (await enter(caller, 'direct', most, 1));
      if (leave) return leave;
      const retryAfterMs = (await meanMs(caller)) / most;
      if (refusals.size >= MAX_CALLERS) refusals.clear();
      refusals.set(caller, { at: instantOf(clock), retryAfterMs });
      throw tooManyRuns(most, retryAfterMs);
    },

    enterJob: async (caller, turns) => {
      const { jobs: most } = await limitsOf(caller);
      if (most === null) return { leave: nothing, most };
      const isBehind = turns === 0 && (await doOthersWait(caller));
      const leave = isBehind ? undefined : await enter(caller, 'jobs', most, 1);
      return leave ? { leave, most } : { turnAt: await takeTurn(caller, most, turns) };
    },

    queueUp: async (caller) => {
      const { jobs: most } = await limitsOf(caller);
      return most !== null && (await doOthersWait(caller)) ? takeTurn(caller, most, 0) : undefined;
    },
  };
};
