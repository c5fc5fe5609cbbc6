import { setTimeout as delay } from 'node:timers/promises';

/** Asks until there is an answer that is neither undefined nor false; throws, naming what it waited for, after the limit. */
export const until = async <T>(
  what: string | (() => string),
  ask: () => T | Promise<T>,
  limitMs = 5_000,
): Promise<Exclude<T, undefined | false>> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > end) {
      throw new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await delay(25);
  }
};
