import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pinecone } from '@pinecone-database/pinecone';
import { exitOnSignal, readFlags, UsageError, wholeNumber } from '../../command.ts';
import { unitsTaken } from '../../scale/grow/grow.ts';
import type { Spread } from '../../scale/grow/seed-runs.ts';
import type { TakenUnits } from '../../scale/grow/table.ts';
import { type MeteredStack, startMeteredStack } from '../../scale/measure/metered-stack.ts';
import { startChild } from '../child.ts';
import { processesOf } from '../files/processes.ts';
import { type Stack, startStack } from '../files/stack.ts';
import { checkWritable, writeJson } from '../json-file.ts';
import { loadLine, machineLine, machineOf } from '../machine.ts';
import { type Api, EXPORTED, OPERATIONS, type Operation, type Target, VECTOR_QUERY } from './operations.ts';
import { CALLER, storeRuns, storeVectors, VARIABLES } from './stored.ts';
import { type Figures, growthTables, growthVerdict, memoryTable, type StackFigures } from './summary.ts';

const USAGE = `usage: npm run bench -- grow [--sizes 1000,10000,100000] [--rounds 15] [--json FILE]
  Units, time and memory of requests while so many runs are stored. About ten minutes on two quiet cores.`;
const PACKAGES = ['@aws-sdk/client-dynamodb', '@pinecone-database/pinecone', 'dynalite', 'fauxqs'];
const DAY_MS = 24 * 60 * 60_000;
const MB = 1_000_000;
/** Requests of which the one that takes the fewest units is told: processes read some items anew every few minutes. */
const COUNTED = 3;

type ModelServer = { url: string; model: string };
type Folder = { runs: number; dataDir: string; until: string; units: Map<string, TakenUnits> };

/**
 * `npm run bench -- grow`: stores 1,000, 10,000 and 100,000 runs of one caller, each in a data folder of its own, and
 * sends the same requests to each. Units are counted by meters in front of the services; then the local stack is
 * started on all folders, and times are taken without meters, in rounds that go through all sizes. Resolves to the exit
 * status: 1 when units grow.
 */
export const run = async (args: string[]): Promise<number> => {
  const { sizes, rounds, json } = parseOptions(args);
  const machine = machineOf(PACKAGES);
  const before = loadLine();
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  console.log(machineLine(machine));
  const models = startChild<object, ModelServer>(
    new URL('../files/model-server.ts', import.meta.url),
    JSON.stringify({ words: 77, embeddings: true }),
  );
  try {
    const { url, model } = await models.ask({});
    const variables = { ...VARIABLES, OPENAI_BASE_URL: url, DEFAULT_MODEL: model };
    const until = Date.now();
    const folders: Folder[] = [];
    for (const runs of sizes) {
      const dataDir = join(folder, String(runs));
      mkdirSync(dataDir);
      const spread = { caller: CALLER, runs, from: until - 30 * DAY_MS, until };
      folders.push({
        runs,
        dataDir,
        until: isoOf(until),
        units: await storeAndCount(dataDir, spread, variables),
      });
    }
    const { figures, stacks } = await measureTimes(folders, rounds, variables);
    const { held, sentences } = growthVerdict(figures);
    console.log(`\n${growthTables(figures)}\n\n${memoryTable(stacks)}\n\n${sentences.join('\n')}`);
    const load = { before, after: loadLine() };
    console.log(`\n${LEGEND.join('\n')}\nLoad of the machine: ${load.before} before, ${load.after} after.`);
    writeJson(json, { machine, load, sizes, rounds, figures, stacks });
    return held ? 0 : 1;
  } finally {
    await models.end();
  }
};

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag, a value out of range, or a file that cannot be written
 */
export const parseOptions = (args: string[]) => {
  const flags = {
    sizes: { type: 'string', default: '1000,10000,100000' },
    rounds: { type: 'string', default: '15' },
    json: { type: 'string' },
  } as const;
  const { sizes, rounds, json } = readFlags(args, flags, USAGE);
  checkWritable(json);
  const range = { least: EXPORTED, most: 1_000_000, usage: USAGE };
  const numbers = sizes.split(',').map((text) => wholeNumber('sizes', text, range));
  if (!numbers.every((size, at) => size > (numbers[at - 1] ?? 0)))
    throw new UsageError(`--sizes must grow, such as 1000,10000\n${USAGE}`);
  return {
    sizes: numbers,
    rounds: wholeNumber('rounds', rounds, { least: 1, most: 1_000, usage: USAGE }),
    json,
  };
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

const variablesOfFunctions = (variables: Record<string, string>) => ({
  ...variables,
  OPENAI_API_KEY: 'bench',
  EMBEDDING_BASE_URL: variables.OPENAI_BASE_URL ?? '',
  EMBEDDING_API_KEY: 'bench',
});

/** Fills a data folder, and counts the units of each operation on it. */
const storeAndCount = async (
  dataDir: string,
  spread: Spread,
  variables: Record<string, string>,
): Promise<Folder['units']> => {
  const startedAt = performance.now();
  storeVectors(dataDir, spread);
  const stack = await startMeteredStack(dataDir, { environment: variablesOfFunctions(variables) });
  try {
    await storeRuns(stack.aws, spread, EXPORTED);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(`${spread.runs.toLocaleString('en')} runs stored, in ${seconds} s`);
    const units: Folder['units'] = new Map();
    const target: Api = { api: stack.aws.api, until: isoOf(spread.until), runs: new Map() };
    for (const { name, ask, settle } of OPERATIONS) {
      const whole = async () => {
        await ask(target);
        if (settle) await stack.drain();
      };
      units.set(name, await fewestUnits(stack, whole));
    }
    return units;
  } finally {
    await stack.close();
  }
};

const fewestUnits = async (stack: MeteredStack, request: () => Promise<unknown>): Promise<TakenUnits> => {
  const all: TakenUnits[] = [];
  while (all.length < COUNTED) all.push(await unitsTaken(stack, request, 1));
  return {
    read: Math.min(...all.map(({ read }) => read)),
    write: Math.min(...all.map(({ write }) => write)),
  };
};

type Running = Folder & { stack: Stack; startMs: number; target: Target };

/** Starts the local stack on each folder, and times all operations on all of them in each round. */
const measureTimes = async (
  folders: readonly Folder[],
  rounds: number,
  variables: Record<string, string>,
): Promise<{ figures: Figures[]; stacks: StackFigures[] }> => {
  const running: Running[] = [];
  try {
    for (const folder of folders) {
      const startedAt = performance.now();
      const stack = await startStack(folder.dataDir, variables);
      const target: Target = {
        ...{ api: stack.file.api, until: folder.until, runs: new Map() },
        vectors: await vectorsOf(stack),
      };
      running.push({ ...folder, stack, startMs: performance.now() - startedAt, target });
    }
    const figures = running.flatMap((each) =>
      [...OPERATIONS, VECTOR_QUERY].map((operation) => ({ ...each, operation, ms: [] as number[] })),
    );
    const byOperation = [...Map.groupBy(figures, ({ operation }) => operation).values()];
    for (let round = 0; round <= rounds; round += 1) {
      for (const { operation, target, ms } of byOperation.flat()) {
        const took = await timed(operation, target);
        if (round > 0) ms.push(took); // the first round starts processes and fills caches
      }
    }
    return {
      figures: figures.map(({ operation: { name, isLimited = false }, runs, units, ms }) => ({
        ...{ operation: name, runs, isLimited, units: units.get(name) ?? null, ms },
      })),
      stacks: running.map(({ runs, startMs, stack }) => ({ runs, startMs, peakMb: peaksOf(stack) })),
    };
  } finally {
    await Promise.all(running.map(({ stack }) => stack.kill()));
  }
};

const timed = async ({ ask, settle }: Operation<Target>, target: Target): Promise<number> => {
  const startedAt = performance.now();
  await ask(target);
  const ms = performance.now() - startedAt;
  await settle?.(target);
  return ms;
};

const vectorsOf = async ({ file }: Stack): Promise<Target['vectors']> => {
  const client = new Pinecone({ apiKey: file.credentials.pinecone ?? '', controllerHostUrl: file.pinecone });
  const { host } = await client.indexes.describe(file.index);
  return client.index({ host });
};

const peaksOf = ({ pid }: Stack): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(processesOf([pid]), ({ role }) => role)].map(([role, own]) => [
      role,
      Math.max(...own.map(({ peakBytes }) => peakBytes)) / MB,
    ]),
  );

const LEGEND = [
  'Runs of one caller, of one output each, spread evenly over 30 days, with their vectors; closed hours and days are summed.',
  'A unit written is 1 KB of an item, a unit read 4 KB, half of that where reads may lag. Ratio: last size to first.',
  'Times include the gateway, the function, and the local DynamoDB, S3 and Pinecone; the model server answers at once.',
  'A search asks the local Pinecone twice, which compares every vector, so its time grows with them; Pinecone’s own does not.',
  'Memory: VmHWM of each kind of process after all rounds; `stack` holds the local services, with all vectors in memory.',
];
