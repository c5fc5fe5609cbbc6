import { parseArgs } from 'node:util';
import { CommandError } from '../command-error.ts';

/** `queueUrl` names a deployment's queue; without it the local stack's are meant, all or the one called `queue`. */
export type ReplayOptions = {
  queue: string | undefined;
  queueUrl: string | undefined;
  deadLettersUrl: string | undefined;
  limit: number;
  dryRun: boolean;
};

/** The command with its options, for help and errors. */
export const REPLAY_WORDS =
  'replay [--queue NAME | --queue-url URL [--dead-letters-url URL]] [--limit N] [--dry-run]';
const LIMIT = 1_000;

/** Throws `CommandError` with the usage for anything unknown or out of range. */
export const parseReplayOptions = (args: string[]): ReplayOptions => {
  const values = valuesOf(args);
  const limit = values.limit === undefined ? LIMIT : Number(values.limit);
  const wrong = (why: string) => new CommandError(`${why}; write npx everytoken ${REPLAY_WORDS}`);
  if (!Number.isInteger(limit) || limit < 1) throw wrong(`--limit is a whole number from 1`);
  if (values['dead-letters-url'] && !values['queue-url']) throw wrong('--dead-letters-url needs --queue-url');
  if (values.queue && values['queue-url']) throw wrong('--queue and --queue-url exclude each other');
  return {
    queue: values.queue,
    queueUrl: values['queue-url'],
    deadLettersUrl: values['dead-letters-url'],
    limit,
    dryRun: values['dry-run'],
  };
};

const valuesOf = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        queue: { type: 'string' },
        'queue-url': { type: 'string' },
        'dead-letters-url': { type: 'string' },
        limit: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new CommandError(`${(error as Error).message}; write npx everytoken ${REPLAY_WORDS}`);
  }
};
