import { randomBytes } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../async/clock.ts';
import { timedRunId } from '../runs/keys.ts';
import type { Ids } from '../runs/ports.ts';
import type { ProcessReadings } from '../timing/read-delays.ts';

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Offset in ms from `performance.now()`, which starts at 0 in each process, to the machine's monotonic clock. With it,
 * instants from two processes on one machine can be compared. Takes several readings and keeps the quickest, because
 * `performance` loads on first access, which takes milliseconds.
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

/**
 * Reads how long the main thread has been runnable without a CPU: the second number of Linux's `/proc/self/schedstat`,
 * in ns (https://docs.kernel.org/scheduler/sched-stats.html). Time in which a quota of its control group holds it back
 * counts, too. Other systems have no such file.
 */
const makeCpuWait = (): (() => number | null) => {
  const text = Buffer.alloc(64);
  let file: number | undefined;
  try {
    file = openSync('/proc/self/schedstat', 'r');
  } catch {
    return () => null;
  }
  const fd = file;
  return () => {
    const length = readSync(fd, text, 0, text.length, 0);
    const waitedNs = Number(text.toString('latin1', text.indexOf(' ') + 1, length).split(' ', 1)[0]);
    return Number.isFinite(waitedNs) ? waitedNs / 1e6 : null;
  };
};

const { nodeTiming } = performance;

export const systemReadings: ProcessReadings = {
  idleMs: () => nodeTiming.idleTime,
  cpuWaitMs: makeCpuWait(),
};

/** Ids from random bytes; `trace` supplies the trace. */
export const makeSystemIds = (trace: Ids['trace']): Ids => ({
  runId: (now) => timedRunId(now, randomBytes(10)),
  leaseToken: () => randomBytes(6).toString('hex'),
  trace,
});

type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Resolves after `ms`, or rejects with the signal's reason if the signal aborts first. */
export const systemSleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
};
