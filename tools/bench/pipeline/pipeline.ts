import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOnSignal, readFlags, wholeNumber } from '../../command.ts';
import { startChild } from '../child.ts';
import { shareTable } from '../files/summary.ts';
import { checkWritable, writeJson } from '../json-file.ts';
import { loadLine, machineLine, machineOf } from '../machine.ts';
import { countCalls, type ModelServer } from './outside-calls.ts';
import { measureRounds } from './rounds.ts';
import { boundSentences, callsTable, medianTurn, roundsTable } from './summary.ts';

const USAGE = `usage: npm run bench -- pipeline [--runs 1000] [--rounds 3] [--at-once 4] [--counted 50] [--json FILE]
  everytoken, a LangChain.js program and the tutorial's way on the same local servers: outside calls of a run (counted
  over --counted runs), own CPU and runs a second. About five minutes on two quiet cores.`;

const PACKAGES = [
  ...['@langchain/core', '@langchain/openai', 'openai', '@pinecone-database/pinecone'],
  ...['@aws-sdk/client-dynamodb', '@aws-sdk/client-s3', 'dynalite', 'fauxqs'],
];
/** Words of an answer: about the tokens of the tutorial's answer. */
const WORDS = 77;

/**
 * `npm run bench -- pipeline`: from a prompt file to completed runs, against programs that do the same job, or a part of
 * it, without everytoken. Resolves to the exit status 0.
 */
export const run = async (args: string[]): Promise<number> => {
  const { counted, json, ...options } = parseOptions(args);
  const machine = machineOf(PACKAGES);
  const before = loadLine();
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  console.log(machineLine(machine));
  const models = startChild<object, ModelServer>(
    new URL('../files/model-server.ts', import.meta.url),
    JSON.stringify({ words: WORDS, embeddings: true }),
  );
  try {
    const server = await models.ask({});
    const metered = join(folder, 'metered');
    mkdirSync(metered);
    const calls = await countCalls(metered, server, counted);
    console.log(`\n${callsTable(calls)}\n`);
    const turns = await measureRounds(join(folder, 'rounds'), server, options, console.log);
    const shown = medianTurn(turns);
    console.log(`\n${roundsTable(turns)}\n`);
    if (shown) console.log(`${shareTable({ ...shown, lines: shown.runs }).join('\n')}\n`);
    const load = { before, after: loadLine() };
    console.log(boundSentences(turns, availableParallelism()).join('\n'));
    console.log(`\n${LEGEND.join('\n')}\nLoad of the machine: ${load.before} before, ${load.after} after.`);
    writeJson(json, { machine, load, ...options, counted, calls, turns: turns.map(plain) });
    return 0;
  } finally {
    await models.end();
  }
};

const plain = ({ parts, ...turn }: Awaited<ReturnType<typeof measureRounds>>[number]) => ({
  ...turn,
  parts: Object.fromEntries(parts),
});

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag, a value out of range, or a file that cannot be written
 */
export const parseOptions = (args: string[]) => {
  const flags = {
    runs: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    'at-once': { type: 'string', default: '4' },
    counted: { type: 'string', default: '50' },
    json: { type: 'string' },
  } as const;
  const { json, ...values } = readFlags(args, flags, USAGE);
  const whole = (flag: keyof typeof values, most: number) =>
    wholeNumber(flag, values[flag], { least: 1, most, usage: USAGE });
  checkWritable(json);
  return {
    runs: whole('runs', 100_000),
    rounds: whole('rounds', 100),
    atOnce: whole('at-once', 64),
    counted: whole('counted', 1_000),
    json,
  };
};

const LEGEND = [
  'Requests a run: counted by meters before each service, one request at a time; SQS includes the polls for messages. A unit',
  'written to DynamoDB is 1 KB of an item or an index entry, a unit read 4 KB, half of that where reads may lag.',
  'Own CPU: user and system time of the functions of everytoken, or of the other program, which runs --at-once jobs at once.',
  "The local stack's process stands for AWS and Pinecone: gateway, Lambda's runner and queue pollers, DynamoDB, S3, SQS,",
  'EventBridge, Pinecone. The model server answers at once, with 77 words; embeddings are drawn. All of these are equal for all.',
  'everytoken: a prompt file put into the bucket, until every run is completed and its vector is stored. It also times each',
  'token, keeps request, output and timeline, survives a crash at any point, lists, searches and counts usage. The',
  'LangChain.js program asks, embeds, upserts, and puts an item and an object. The tutorial stores one vector under a fixed id.',
];
