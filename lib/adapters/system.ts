import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../async/clock.ts';
import { timedRunId } from '../runs/keys.ts';
import type { Ids } from '../runs/ports.ts';

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * What to add to performance.now(), which counts from the process's own start, to place it on the machine's monotonic
 * clock, so that instants of two processes of one machine can be compared. Of several readings the one that took the
 * shortest counts: `performance` loads when it is first touched, which takes milliseconds.
 */
const offsetToMonotonicMs = (): number => {
  let best = { width: Number.POSITIVE_INFINITY, offset: 0 };
  for (let reading = 0; reading < 20; reading += 1) {
    const before = monotonicMs();
    const now = performance.now();
    const after = monotonicMs();
    if (after - before < best.width) best = { width: after - before, offset: (before + after) / 2 - now };
  }
  return best.offset;
};

const MONOTONIC_OFFSET_MS = offsetToMonotonicMs();

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() + MONOTONIC_OFFSET_MS,
};

/** Random ids, and the trace that is handed in. */
export const makeSystemIds = (trace: Ids['trace']): Ids => ({
  runId: (now) => timedRunId(now, randomBytes(10)),
  leaseToken: () => randomBytes(6).toString('hex'),
  trace,
});

type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export const systemSleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
};
