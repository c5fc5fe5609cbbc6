import { readFlags, UsageError, wholeNumber } from '../../command.ts';
import { isScenario, SCENARIO_NAMES, type Scenario } from './scenarios.ts';

/** `rate` is in tokens a second; `tokens` is how many each stream shows; `json` is where to write every figure. */
export type Options = {
  scenarios: Scenario[];
  streams: number[];
  rounds: number;
  rate: number;
  tokens: number;
  seed: number;
  json: string | undefined;
};

const USAGE =
  'usage: npm run bench -- truth [--streams 1,8,32] [--rounds 3] [--rate 100] [--tokens 24] [--seed 1] [--scenario NAME[,NAME]] [--json FILE]';

const FLAGS = {
  streams: { type: 'string', default: '1,8,32' },
  rounds: { type: 'string', default: '3' },
  rate: { type: 'string', default: '100' },
  tokens: { type: 'string', default: '24' },
  seed: { type: 'string', default: '1' },
  scenario: { type: 'string' },
  json: { type: 'string' },
} as const;

/** The options of a command line. Throws `UsageError` for anything unknown or out of range. */
export const parseOptions = (args: string[]): Options => {
  const values = readFlags(args, FLAGS, USAGE);
  const whole = (flag: string, text: string, least: number, most: number) =>
    wholeNumber(flag, text, { least, most, usage: USAGE });
  return {
    scenarios: scenariosOf(values.scenario),
    streams: unique(values.streams.split(',').map((text) => whole('streams', text, 1, 32))),
    rounds: whole('rounds', values.rounds, 1, 100),
    rate: whole('rate', values.rate, 1, 1_000),
    tokens: whole('tokens', values.tokens, 2, 10_000),
    seed: whole('seed', values.seed, 0, 0xffff_ffff),
    json: values.json,
  };
};

const scenariosOf = (names: string | undefined): Scenario[] =>
  names === undefined
    ? [...SCENARIO_NAMES]
    : unique(names.split(',')).map((name) => {
        if (isScenario(name)) return name;
        throw new UsageError(`--scenario: no "${name}"; there are ${SCENARIO_NAMES.join(', ')}`);
      });

const unique = <T>(values: T[]): T[] => [...new Set(values)];
