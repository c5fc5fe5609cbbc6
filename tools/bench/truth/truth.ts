import { accessSync, constants, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import { readFlags, UsageError, wholeNumber } from '../../command.ts';
import { type MeasureOptions, measure } from './measure.ts';
import { CONDITIONS } from './path/conditions.ts';
import type { PathSample } from './path/measure-path.ts';
import { OWN_ROOT, runPathPart } from './path/path-part.ts';
import { type Line, linesOf } from './results.ts';
import { isScenario, SCENARIO_NAMES, type Scenario } from './stream-plan.ts';
import { LEGEND, tableOf } from './table.ts';
import { verdictOf } from './verdict.ts';

/** The parts: other clients and everytoken's reader in processes of their own, and the packaged functions. */
const PARTS = ['clients', 'path'] as const;
type Part = (typeof PARTS)[number];

/**
 * `root` is the checkout whose functions the path part measures, and `samples` its requests a turn. `json` is the file
 * that all figures are written to; undefined: none.
 */
type Options = MeasureOptions & { parts: Part[]; root: string; samples: number; json: string | undefined };

const USAGE =
  'usage: npm run bench -- truth [--part clients|path] [--streams 1,8,32] [--rounds 3] [--rate 100] [--tokens 24] [--seed 1] [--scenario NAME[,NAME]] [--samples 4] [--functions CHECKOUT] [--json FILE]';

const FLAGS = {
  streams: { type: 'string', default: '1,8,32' },
  rounds: { type: 'string', default: '3' },
  rate: { type: 'string', default: '100' },
  tokens: { type: 'string', default: '24' },
  seed: { type: 'string', default: '1' },
  scenario: { type: 'string' },
  part: { type: 'string' },
  samples: { type: 'string', default: '4' },
  functions: { type: 'string' },
  json: { type: 'string' },
} as const;

/**
 * `npm run bench -- truth`: compares the figures that everytoken and other clients report with the truth, on streams
 * whose every instant is known. Resolves to the exit status.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = parseOptions(args);
  if (options.json !== undefined) checkWritable(options.json);
  const startedAt = performance.now();
  const before = loadavg();
  console.log(
    `${options.rate} tokens a second, ${options.tokens} tokens a stream, ${options.rounds} rounds, seed ${options.seed}, warm-up not counted · ` +
      `node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}, load ${formatLoad(before)}`,
  );
  const clients = options.parts.includes('clients') ? await runClientsPart(options) : undefined;
  const path = options.parts.includes('path')
    ? await runPathPart({ ...options, conditions: CONDITIONS })
    : undefined;
  const load = { before, after: loadavg() };
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `Load of the machine: ${formatLoad(load.before)} before, ${formatLoad(load.after)} after; ${seconds} s in all.`,
  );
  if (options.json !== undefined) writeJson(options.json, { options, load, ...clients, path });
  return 0;
};

type ClientsResult = { lines: Line[]; verdict: string[] };

const runClientsPart = async (options: Options): Promise<ClientsResult> => {
  const startedAt = performance.now();
  let shown = '';
  const samples = await measure(options, (done, turns, { round }) => {
    const now = `${Math.floor((20 * done) / turns) * 5}%`;
    if (now === shown) return;
    shown = now;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(`round ${round} of ${options.rounds} · ${now} · ${seconds} s`);
  });
  const lines = linesOf(samples);
  console.log(`\n${LEGEND.join('\n')}`);
  for (const scenario of options.scenarios) {
    for (const streams of options.streams) {
      const here = lines.filter((line) => line.scenario === scenario && line.streams === streams);
      console.log(`\n${tableOf(scenario, streams, here).join('\n')}`);
    }
  }
  const verdict = verdictOf(samples, lines, options.rate);
  console.log(`\n${verdict.join('\n')}`);
  return { lines, verdict };
};

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
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
    parts: values.part === undefined ? [...PARTS] : [partOf(values.part)],
    samples: whole('samples', values.samples, 1, 100),
    root: values.functions === undefined ? OWN_ROOT : resolve(values.functions),
    json: values.json,
  };
};

const scenariosOf = (names: string | undefined): Scenario[] =>
  names === undefined
    ? [...SCENARIO_NAMES]
    : unique(names.split(',')).map((name) => {
        if (isScenario(name)) return name;
        throw new UsageError(`--scenario: there is no "${name}"; choose from ${SCENARIO_NAMES.join(', ')}`);
      });

const partOf = (name: string): Part => {
  const part = PARTS.find((one) => one === name);
  if (!part) throw new UsageError(`--part: there is no "${name}"; choose from ${PARTS.join(', ')}`);
  return part;
};

const unique = <T>(values: T[]): T[] => [...new Set(values)];

const formatLoad = (load: number[]): string => load.map((value) => value.toFixed(1)).join(' ');

const writeJson = (
  file: string,
  results: Partial<ClientsResult> & { path: PathSample[] | undefined } & Record<string, unknown>,
): void => writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);

/** Fails before the minutes of measuring rather than after them. */
const checkWritable = (file: string): void => {
  const folder = dirname(resolve(file));
  try {
    accessSync(`${folder}${sep}`, constants.W_OK);
  } catch {
    throw new UsageError(`--json: nothing can be written to ${folder}`);
  }
};
