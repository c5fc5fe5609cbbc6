import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../command.ts';
import { runCost, totalUsd } from './cost.ts';
import { growthTable, SIZES } from './grow/table.ts';
import { inOrder, limitsOf, metAt } from './limits.ts';
import { MEASURED, WAYS, type Way } from './measured.ts';
import { runUsage } from './run-usage.ts';
import { SIMULATED_WAYS, simulateAll } from './simulate/simulate.ts';
import { partitionKeysTable, simulationTable } from './simulate/tables.ts';
import { setupOf } from './standing.ts';
import { concurrencyTable, costTable, idleTable } from './tables.ts';
import { TYPICAL, type Workload } from './workload.ts';
import { writeTables } from './write-tables.ts';

const HELP = `Usage: npm run cost -- [--runs-per-second N] [--tokens N] [--tokens-per-second N] [--way WAY]
       npm run cost -- --write      rewrites the tables of docs/operations.md and docs/scale.md
       npm run cost -- --measure    measures runs on this machine (about four minutes); follow it with --write
       npm run cost -- --simulate   replays a run's writes against a model of DynamoDB at 100 to 10,000 runs a second
                                    (about a minute); follow it with --write
       npm run cost -- --grow [--sizes N,N]   measures requests while 1,000 to 100,000 runs are stored (about five
                                    minutes); follow it with --write

Prints the cost of runs and the limits that a rate exceeds, from measurements (tools/scale/measured.json), prices
(tools/scale/unit-prices.ts) and assumptions (tools/scale/workload.ts). Ways: ${WAYS.join(', ')}.`;

type Values = ReturnType<typeof readValues>;
const readValues = () =>
  parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      measure: { type: 'boolean', default: false },
      simulate: { type: 'boolean', default: false },
      grow: { type: 'boolean', default: false },
      sizes: { type: 'string', default: SIZES.join(',') },
      way: { type: 'string', default: 'stream' },
      'runs-per-second': { type: 'string', default: '1' },
      tokens: { type: 'string', default: String(TYPICAL.outputTokens) },
      'tokens-per-second': { type: 'string', default: String(TYPICAL.tokensPerSecond) },
    },
  }).values;

const positive = (values: Values, name: 'runs-per-second' | 'tokens' | 'tokens-per-second'): number => {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0`);
  return value;
};
const isWay = (way: string): way is Way => (WAYS as readonly string[]).includes(way);

const show = (values: Values): void => {
  const rate = positive(values, 'runs-per-second');
  const { way } = values;
  if (!isWay(way)) throw new Error(`--way takes one of ${WAYS.join(', ')}`);
  const changes = {
    outputTokens: positive(values, 'tokens'),
    tokensPerSecond: positive(values, 'tokens-per-second'),
  };
  const workload: Workload = { ...TYPICAL, ...changes, way };
  const usage = runUsage(MEASURED, workload);
  const limits = inOrder(limitsOf(usage, 0, workload, setupOf()));
  const met = limits.filter((limit) => (metAt(limit) ?? Number.POSITIVE_INFINITY) < rate);
  console.log(costTable(changes));
  console.log(`\n${idleTable()}\n\n${concurrencyTable(changes)}\n`);
  const hour = totalUsd(runCost(usage, workload, rate * 3_600));
  console.log(`${rate} runs a second, ${way}: ${hour.toFixed(2)} USD an hour`);
  console.log(met.length === 0 ? 'within all default limits' : 'beyond these limits:');
  for (const { what, lifts, ...limit } of met)
    console.log(`  ${what}, reached at ${Math.floor(metAt(limit) ?? 0)} runs/s: ${lifts}`);
};

const sizesOf = (text: string): number[] => {
  const sizes = text.split(',').map(Number);
  if (!sizes.every((size, at) => size > (sizes[at - 1] ?? 0)))
    throw new Error('--sizes takes numbers above 0 that grow, such as 1000,10000');
  return sizes;
};

const writeResults = (folder: string, results: readonly object[]): void =>
  writeFileSync(join(import.meta.dirname, folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);

const oneLine = (error: unknown) => `error: ${(error as Error).message.replace(/\s+/g, ' ')}`;

await runCommand(
  async () => {
    const values = readValues();
    if (values.help) console.log(HELP);
    else if (values.measure) {
      const { measure } = await import('./measure/measure.ts');
      await measure({
        measured: join(import.meta.dirname, 'measured.json'),
        writes: join(import.meta.dirname, 'writes', 'now.json'),
      });
    } else if (values.grow) {
      const { grow } = await import('./grow/grow.ts');
      const results = await grow(sizesOf(values.sizes), console.log);
      if (values.sizes === SIZES.join(',')) writeResults('grow', results);
      console.log(`\n${growthTable(results)}`);
    } else if (values.simulate) {
      const results = simulateAll();
      writeResults('simulate', results);
      for (const way of SIMULATED_WAYS)
        console.log(`${way}\n\n${partitionKeysTable(way)}\n\n${simulationTable(way, results)}\n`);
    } else if (values.write) writeTables();
    else show(values);
    return 0;
  },
  (error) => ({ message: oneLine(error), status: 1 }),
);
