import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;

/** Reads again and again until it is as wanted, or `limitMs` have passed: the last reading, whatever it is. */
export const until = async <T>(
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
  limitMs: number,
): Promise<T> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isWanted(value) || performance.now() > end) return value;
    await pause(LOOK_EVERY_MS);
  }
};
