import { readFlags, UsageError, wholeNumber } from '../../command.ts';
import { SHAPE_NAMES, type Shape } from './answers.ts';
import { READER_NAMES, type ReaderName, YARDSTICK } from './reader.ts';

/** `answers`, each with the tokens of `events` events, are read in a turn, once for each of `streams`: so many at a time. */
export type Options = {
  readers: ReaderName[];
  shapes: Shape[];
  streams: number[];
  rounds: number;
  answers: number;
  events: number;
  json: string | undefined;
};

const USAGE = `usage: npm run bench -- stream [--rounds 5] [--streams 1,32] [--answers 32] [--events 1000] [--json FILE]
  [--shapes ${SHAPE_NAMES.join()}]
  [--readers ${READER_NAMES.join()}]`;

const text = { type: 'string' } as const;

/**
 * Parses the command line. The yardstick is always among the readers.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
export const parseOptions = (args: string[]): Options => {
  const flags = readFlags(
    args,
    {
      readers: { ...text, default: READER_NAMES.join() },
      shapes: { ...text, default: SHAPE_NAMES.join() },
      streams: { ...text, default: '1,32' },
      rounds: { ...text, default: '5' },
      answers: { ...text, default: '32' },
      events: { ...text, default: '1000' },
      json: text,
    },
    USAGE,
  );
  const whole = (flag: string, value: string, most: number) =>
    wholeNumber(flag, value, { least: 1, most, usage: USAGE });
  const readers = namesOf('readers', flags.readers, READER_NAMES);
  return {
    readers: READER_NAMES.filter((name) => name === YARDSTICK || readers.includes(name)),
    shapes: namesOf('shapes', flags.shapes, SHAPE_NAMES),
    streams: [...new Set(flags.streams.split(',').map((one) => whole('streams', one, 256)))],
    rounds: whole('rounds', flags.rounds, 100),
    answers: whole('answers', flags.answers, 10_000),
    events: whole('events', flags.events, 100_000),
    json: flags.json,
  };
};

const namesOf = <T extends string>(flag: string, value: string, all: readonly T[]): T[] =>
  value.split(',').map((name) => {
    const found = all.find((one) => one === name);
    if (found === undefined)
      throw new UsageError(`--${flag}: there is no "${name}"; choose from ${all.join(', ')}\n${USAGE}`);
    return found;
  });
