import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOnSignal, readFlags, wholeNumber } from '../../command.ts';
import { checkWritable, writeJson } from '../json-file.ts';
import { loadLine, machineLine, machineOf } from '../machine.ts';
import { measure } from './measure.ts';
import { linesOf } from './results.ts';
import { LEGEND, stagesTable, timesTable } from './table.ts';
import { WAYS } from './ways.ts';

const USAGE =
  'usage: npm run bench -- relay [--rounds 5] [--requests 10] [--tokens 24] [--rate 100] [--json FILE]';

/**
 * `npm run bench -- relay`: the time that everytoken's routes add before the first token and to each token, on the local
 * stack, beside a direct request and a bare proxy. Resolves to the exit status.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = parseOptions(args);
  checkWritable(options.json);
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-relay-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  const machine = machineOf(['openai', 'hono', '@aws-sdk/client-dynamodb', 'dynalite']);
  const before = loadavg();
  console.log(machineLine(machine));
  console.log(
    `${options.rounds} rounds of ${options.requests} requests by each way, one after another; ${options.tokens} tokens a stream at ${options.rate} a second, warm-up not counted`,
  );
  const samples = await measure({ ...options, dataDir }, (round, way) =>
    console.log(`${round === 0 ? 'warm-up' : `round ${round} of ${options.rounds}`} · ${WAYS[way].name}`),
  );
  const lines = linesOf(samples);
  console.log(
    `\nMedians of the rounds; in brackets: beyond the bare proxy of the same round.\n\n${LEGEND.join('\n')}\n\n${timesTable(lines)}`,
  );
  console.log(`\nWhere the time goes, medians of all requests:\n\n${stagesTable(lines)}`);
  console.log(`\nLoad of the machine: ${loadLine(before)} before, ${loadLine()} after.`);
  writeJson(options.json, { machine, options, load: { before, after: loadavg() }, lines, samples });
  return 0;
};

/** @throws {UsageError} for an unknown flag or a value out of range */
const parseOptions = (args: string[]) => {
  const text = { type: 'string' } as const;
  const flags = readFlags(
    args,
    {
      rounds: { ...text, default: '5' },
      requests: { ...text, default: '10' },
      tokens: { ...text, default: '24' },
      rate: { ...text, default: '100' },
      json: text,
    },
    USAGE,
  );
  const whole = (flag: 'rounds' | 'requests' | 'tokens' | 'rate', least: number, most: number) =>
    wholeNumber(flag, flags[flag], { least, most, usage: USAGE });
  return {
    rounds: whole('rounds', 1, 100),
    requests: whole('requests', 1, 1_000),
    tokens: whole('tokens', 2, 10_000),
    rate: whole('rate', 1, 1_000),
    json: flags.json,
  };
};
