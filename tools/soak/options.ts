import { randomInt } from 'node:crypto';
import { readFlags, UsageError } from '../command.ts';

/**
 * `minutes` of load with an offer each `pauseMs` at most, a kill -9 every `killEverySeconds` (0: never), then
 * fuzzed `requests` and `files`; all that is drawn is drawn from `seed`.
 */
export type SoakOptions = {
  minutes: number;
  pauseMs: number;
  /** The share of calls to the AWS parts that meet a fault while there is load. */
  awsFaultRate: number;
  killEverySeconds: number;
  seed: number;
  requests: number;
  files: number;
};

const PAUSE_MS = 400;
/** A few in a hundred: a run makes some twenty calls, and the SDKs try each four times in all. */
const AWS_FAULT_RATE = 0.03;

const REQUESTS_A_MINUTE = 400;
const FILES_A_MINUTE = 80;
/** What a soak of 25 minutes fuzzes by itself, and a longer one too. */
const MOST = { requests: 10_000, files: 2_000 };

const USAGE = `usage: npm run soak -- --minutes M [--seed N] [--kill-every S] [--requests N] [--files N]
       npm run soak -- --crash    all pairs of crash points, in memory; half an hour`;

const TEXT = { type: 'string' } as const;
const FLAGS = { minutes: TEXT, seed: TEXT, 'kill-every': TEXT, requests: TEXT, files: TEXT };

/** Throws `UsageError`. Without a seed a fresh one is drawn: it is printed, so that the soak can be repeated. */
export const readOptions = (args: string[]): SoakOptions => {
  const values = readFlags(args, FLAGS, USAGE);
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
  const count = (name: 'requests' | 'files', aMinute: number) =>
    Math.round(number(name, Math.min(MOST[name], minutes * aMinute), 0));
  return {
    ...{ minutes, seed, pauseMs: PAUSE_MS, awsFaultRate: AWS_FAULT_RATE },
    killEverySeconds: number('kill-every', 30, 0),
    requests: count('requests', REQUESTS_A_MINUTE),
    files: count('files', FILES_A_MINUTE),
  };
};
