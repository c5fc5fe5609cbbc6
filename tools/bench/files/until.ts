import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 250;

/** Asks again and again until there is an answer. Throws, naming what it waited for, after the limit. */
export const until = async <T>(
  what: string,
  ask: () => Promise<T | undefined>,
  limitMs: number,
  everyMs = EVERY_MS,
): Promise<T> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await delay(everyMs);
  }
};
