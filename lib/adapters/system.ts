import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Ids } from '../runs/ports.ts';
import { timedRunId } from '../runs/run-id.ts';

// performance.now() counts from the process's own start; this offset places it on the machine's monotonic clock,
// so that instants of two processes of one machine can be compared.
const MONOTONIC_OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() + MONOTONIC_OFFSET_MS,
};

export const systemIds: Ids = {
  runId: (now) => timedRunId(now, randomBytes(10)),
  leaseToken: () => randomBytes(6).toString('hex'),
};

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export const systemSleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
};
