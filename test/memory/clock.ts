import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../lib/async/clock.ts';

export type MemoryClock = Clock & {
  /** Resolves when `advance` has passed `ms`; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves time forward, waking sleepers in the order of their times and letting each finish its work. */
  advance(ms: number): Promise<void>;
};

/** A clock that stands still until a test moves it. Starts at 2026-11-22T13:00:00Z. */
export const makeMemoryClock = (start = Date.UTC(2026, 10, 22, 13)): MemoryClock => {
  let now = start;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abandon = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', abandon);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abandon, { once: true });
      }),
    advance: async (ms) => {
      const end = now + ms;
      await settled();
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = Math.max(now, next.at);
        next.wake();
        await settled();
      }
      now = end;
      await settled();
    },
  };
};

/** Lets everything run that waits for no time. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
};
