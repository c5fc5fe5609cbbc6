import { misuseOf, parseWords } from '../command.ts';

/** `queueUrl`: a queue of a deployment; undefined: the local stack, `queue` or all of its queues. */
export type ReplayOptions = {
  queue: string | undefined;
  queueUrl: string | undefined;
  deadLettersUrl: string | undefined;
  limit: number;
  dryRun: boolean;
};

/** The command with its options, for help and errors. */
export const REPLAY_USAGE =
  'replay [--queue NAME | --queue-url URL [--dead-letters-url URL]] [--limit N] [--dry-run]';
const LIMIT = 1_000;

const misuse = misuseOf(REPLAY_USAGE);

/** @throws {CommandError} with the usage, when an option is unknown or out of range */
export const parseReplayOptions = (args: string[]): ReplayOptions => {
  const values = valuesOf(args);
  const limit = values.limit === undefined ? LIMIT : Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1) throw misuse(`--limit is a whole number from 1`);
  if (values['dead-letters-url'] && !values['queue-url'])
    throw misuse('--dead-letters-url needs --queue-url');
  if (values.queue && values['queue-url']) throw misuse('--queue and --queue-url exclude each other');
  return {
    queue: values.queue,
    queueUrl: values['queue-url'],
    deadLettersUrl: values['dead-letters-url'],
    limit,
    dryRun: values['dry-run'],
  };
};

const valuesOf = (args: string[]) =>
  parseWords(
    {
      args,
      options: {
        queue: { type: 'string' },
        'queue-url': { type: 'string' },
        'dead-letters-url': { type: 'string' },
        limit: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    },
    misuse,
  ).values;
