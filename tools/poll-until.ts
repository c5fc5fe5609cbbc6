import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls `ask` every `everyMs` until it returns something other than undefined and false, and returns that.
 * @throws {Error} that names `what` it waited for, after `limitMs`
 *
 * @example
 * const run = await pollUntil('the run to end', async () => (await runs.get(id)).endedAt ?? undefined, 10_000);
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
