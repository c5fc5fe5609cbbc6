import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer, which is anything but undefined and false.
 * @throws Error that says what it waited for, after `limitMs`.
 */
export const pollUntil = async <T>(
  what: string | (() => string),
  ask: () => T | Promise<T>,
  limitMs = 10_000,
  everyMs = 25,
): Promise<Exclude<T, undefined | false>> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > end)
      throw new Error(`${typeof what === 'string' ? what : what()}: not within ${limitMs / 1000} s`);
    await delay(everyMs);
  }
};
