import { randomInt } from 'node:crypto';
import { readFlags, UsageError } from '../command.ts';

/**
 * `minutes` of load with at most `pauseMs` between offers and a kill -9 every `killEverySeconds` (0: never), then
 * `requests` fuzzed requests and `files` fuzzed files. All random choices follow from `seed`.
 */
export type SoakOptions = {
  minutes: number;
  pauseMs: number;
  /** The share of calls to the AWS parts that get a fault during the load. */
  awsFaultRate: number;
  /** The share of chat completions that get an odd answer during the fuzz. */
  oddAnswerRate: number;
  killEverySeconds: number;
  seed: number;
  requests: number;
  files: number;
};

const PAUSE_MS = 400;
/** Low, because a run makes about twenty calls; the SDKs attempt each up to four times. */
const AWS_FAULT_RATE = 0.03;
const ODD_ANSWER_RATE = 0.5;

const REQUESTS_A_MINUTE = 400;
const FILES_A_MINUTE = 80;
/** The default of a soak of 25 minutes or more. */
const MOST = { requests: 10_000, files: 2_000 };

const USAGE = `usage: npm run soak -- --minutes M [--seed N] [--kill-every S] [--requests N] [--files N]
       npm run soak -- --crash [--pairs N] [--seed N]    all pairs of crash points, in memory; takes hours without
                                                         --pairs, which draws at most N pairs of each scenario`;

const TEXT = { type: 'string' } as const;
const FLAGS = { minutes: TEXT, seed: TEXT, 'kill-every': TEXT, requests: TEXT, files: TEXT };

export type CrashOptions = {
  /** At most so many pairs of crash points of each scenario, drawn by `seed`; all by default. */
  pairs: number;
  seed: number;
};

/**
 * Parses the command line of a crash enumeration; undefined without `--crash`.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
export const readCrashOptions = (args: string[]): CrashOptions | undefined => {
  if (!args.includes('--crash')) return undefined;
  const values = readFlags(args, { crash: { type: 'boolean' }, pairs: TEXT, seed: TEXT }, USAGE);
  const pairs = Number(values.pairs ?? Number.POSITIVE_INFINITY);
  const seed = Number(values.seed ?? randomInt(0x7fff_ffff));
  if (!(pairs >= 1) || values.pairs === '')
    throw new UsageError(`--pairs takes a number of at least 1\n${USAGE}`);
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed takes a whole number\n${USAGE}`);
  return { pairs, seed };
};

/**
 * Parses the command line. Without `--seed` it draws a seed, which is printed so that the soak can be repeated.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
export const readOptions = (args: string[]): SoakOptions => {
  const values = readFlags(args, FLAGS, USAGE);
  const number = (name: keyof typeof values, fallback: number, least: number): number => {
    const value = Number(values[name] ?? fallback);
    if (values[name] === '' || !Number.isFinite(value) || value < least) {
      throw new UsageError(`--${name} takes a number of at least ${least}\n${USAGE}`);
    }
    return value;
  };
  const minutes = number('minutes', 5, 0.05);
  const seed = number('seed', randomInt(0x7fff_ffff), 0);
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed takes a whole number\n${USAGE}`);
  const count = (name: 'requests' | 'files', aMinute: number) =>
    Math.round(number(name, Math.min(MOST[name], minutes * aMinute), 0));
  return {
    ...{ minutes, seed, pauseMs: PAUSE_MS, awsFaultRate: AWS_FAULT_RATE, oddAnswerRate: ODD_ANSWER_RATE },
    killEverySeconds: number('kill-every', 30, 0),
    requests: count('requests', REQUESTS_A_MINUTE),
    files: count('files', FILES_A_MINUTE),
  };
};
