import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/**
 * `minutes` of load with an offer each `pauseMs` at most, a kill -9 every `killEverySeconds` (0: never); all that is
 * drawn is drawn from `seed`.
 */
export type SoakOptions = { minutes: number; pauseMs: number; killEverySeconds: number; seed: number };

const PAUSE_MS = 400;

const USAGE = 'usage: npm run soak -- --minutes M [--seed N] [--kill-every S]';

/** Throws `UsageError`. Without a seed a fresh one is drawn: it is printed, so that the soak can be repeated. */
export const readOptions = (args: string[]): SoakOptions => {
  const values = flagsOf(args);
  const number = (name: keyof typeof values, fallback: number, least: number): number => {
    const value = Number(values[name] ?? fallback);
    if (values[name] === '' || !Number.isFinite(value) || value < least) {
      throw new UsageError(`--${name} takes a number from ${least}\n${USAGE}`);
    }
    return value;
  };
  const minutes = number('minutes', 5, 0.05);
  const seed = number('seed', randomInt(0x7fff_ffff), 0);
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed takes a whole number\n${USAGE}`);
  return { minutes, seed, pauseMs: PAUSE_MS, killEverySeconds: number('kill-every', 30, 0) };
};

const flagsOf = (args: string[]) => {
  const type = 'string' as const;
  try {
    return parseArgs({ args, options: { minutes: { type }, seed: { type }, 'kill-every': { type } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
};
