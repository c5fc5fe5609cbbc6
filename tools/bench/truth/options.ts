import { readFlags, UsageError, wholeNumber } from '../../command.ts';
import { checkoutOf } from '../checkout.ts';
import type { MeasureOptions } from './measure.ts';
import { CONDITION_WORDS, chosenConditions, MEMORIES } from './path/conditions.ts';
import type { PathPartOptions } from './path/path-part.ts';
import { SCENARIO_NAMES, type Scenario } from './stream-plan.ts';

/** The parts: readers in processes of their own, everytoken's among them, and the packaged functions. */
const PARTS = ['clients', 'path'] as const;
type Part = (typeof PARTS)[number];

/** `json` is the file that all figures are written to; undefined: none. */
export type Options = MeasureOptions & PathPartOptions & { parts: Part[]; json: string | undefined };

const USAGE = `usage: npm run bench -- truth [--part clients|path] [--rounds 3] [--rate 100] [--tokens 24] [--seed 1] [--json FILE]
  clients: [--streams 1,8,32] [--scenario NAME[,NAME]]
  path:    [--conditions WORD[,WORD]] [--quotas none,1024,768,512] [--samples 4] [--cold-starts 10] [--functions CHECKOUT]
           words: ${CONDITION_WORDS.join(' ')}`;

const FLAGS = {
  part: { type: 'string' },
  streams: { type: 'string', default: '1,8,32' },
  rounds: { type: 'string', default: '3' },
  rate: { type: 'string', default: '100' },
  tokens: { type: 'string', default: '24' },
  seed: { type: 'string', default: '1' },
  scenario: { type: 'string' },
  conditions: { type: 'string' },
  quotas: { type: 'string', default: MEMORIES.map((memoryMb) => memoryMb ?? 'none').join(',') },
  samples: { type: 'string', default: '4' },
  'cold-starts': { type: 'string', default: '10' },
  functions: { type: 'string' },
  json: { type: 'string' },
} as const;

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
export const parseOptions = (args: string[]): Options => {
  const values = readFlags(args, FLAGS, USAGE);
  const whole = (flag: string, text: string, least: number, most: number) =>
    wholeNumber(flag, text, { least, most, usage: USAGE });
  const rounds = whole('rounds', values.rounds, 1, 100);
  const memories = unique(listOf(values.quotas)).map((text) =>
    text === 'none' ? null : whole('quotas', text, 128, 10_240),
  );
  return {
    parts: values.part === undefined ? [...PARTS] : [oneOf('part', values.part, PARTS)],
    scenarios: scenariosOf(values.scenario),
    streams: unique(listOf(values.streams).map((text) => whole('streams', text, 1, 32))),
    rounds,
    rate: whole('rate', values.rate, 1, 1_000),
    tokens: whole('tokens', values.tokens, 2, 10_000),
    seed: whole('seed', values.seed, 0, 0xffff_ffff),
    conditions: conditionsOf(values.conditions, memories),
    samples: whole('samples', values.samples, 1, 1_000),
    coldSamples: Math.ceil(whole('cold-starts', values['cold-starts'], 1, 1_000) / rounds),
    root: checkoutOf(values.functions),
    json: values.json,
  };
};

const listOf = (text: string): string[] => text.split(',');
const unique = <T>(values: T[]): T[] => [...new Set(values)];

const oneOf = <T extends string>(flag: string, name: string, all: readonly T[]): T => {
  const found = all.find((one) => one === name);
  if (found === undefined)
    throw new UsageError(`--${flag}: there is no "${name}"; choose from ${all.join(', ')}\n${USAGE}`);
  return found;
};

const scenariosOf = (names: string | undefined): Scenario[] =>
  names === undefined
    ? [...SCENARIO_NAMES]
    : unique(listOf(names)).map((name) => oneOf('scenario', name, SCENARIO_NAMES));

const conditionsOf = (text: string | undefined, memories: (number | null)[]) => {
  const words = text === undefined ? [] : listOf(text);
  for (const word of words) oneOf('conditions', word, CONDITION_WORDS);
  const conditions = chosenConditions(words, memories);
  if (conditions.length === 0) throw new UsageError(`--conditions: no condition has all of ${text}`);
  return conditions;
};
