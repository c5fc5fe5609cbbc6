import { setTimeout as delay } from 'node:timers/promises';

/** Resolves to the promise's value, or to undefined when it takes longer than `ms`. */
export const within = async <T>(ms: number, promise: Promise<T>): Promise<T | undefined> => {
  const timer = new AbortController();
  const timeout = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer.abort();
  }
};
