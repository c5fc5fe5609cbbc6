import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOnSignal, readFlags, UsageError, wholeNumber } from '../../command.ts';
import { checkoutOf } from '../checkout.ts';
import { startChild } from '../child.ts';
import { CAN_MEASURE } from '../files/processes.ts';
import { checkWritable, writeJson } from '../json-file.ts';
import { loadLine, machineLine, machineOf } from '../machine.ts';
import type { ModelServer } from '../pipeline/outside-calls.ts';
import { startColdStack } from './cold-stack.ts';
import { measureRound, type Start } from './measure.ts';
import { rowsOf, tableOf } from './summary.ts';

const USAGE = `usage: npm run bench -- start [--rounds 7] [--functions CHECKOUT] [--json FILE]
  What each function takes to start, and for its first event and its second: CPU, time and memory. About two minutes.`;

const PACKAGES = [
  ...['openai', '@pinecone-database/pinecone', '@langchain/core', '@langchain/openai'],
  ...['@aws-sdk/client-dynamodb', '@aws-sdk/client-s3', '@aws-sdk/client-eventbridge'],
];

/**
 * `npm run bench -- start`: what it takes to start each function, beside an empty one, five clients and a function with
 * LangChain.js. Resolves to the exit status 0.
 */
export const run = async (args: string[]): Promise<number> => {
  const { rounds, root, json } = parseOptions(args);
  if (!CAN_MEASURE) throw new UsageError('this benchmark reads /proc, which this system has not');
  const machine = machineOf(PACKAGES);
  const before = loadLine();
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  console.log(machineLine(machine));
  console.log(
    'the stack starts; functions whose sources have changed are packaged before, for a quarter of a minute',
  );
  const models = startChild<object, ModelServer>(
    new URL('../files/model-server.ts', import.meta.url),
    JSON.stringify({ words: 77, embeddings: true }),
  );
  try {
    const stack = await startColdStack(root, folder, await models.ask({}));
    try {
      const starts: Start[] = [];
      await measureRound(stack, 0); // creates what the first run of a deployment creates, such as the index
      for (let round = 1; round <= rounds; round += 1) {
        starts.push(...(await measureRound(stack, round)));
        console.log(`round ${round} of ${rounds}`);
      }
      const rows = rowsOf(starts);
      console.log(`\n${tableOf(rows)}\n\n${LEGEND.join('\n')}`);
      const load = { before, after: loadLine() };
      console.log(`Load of the machine: ${load.before} before, ${load.after} after.`);
      writeJson(json, { machine, load, rows, starts });
      return 0;
    } finally {
      await stack.close();
    }
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
    rounds: { type: 'string', default: '7' },
    functions: { type: 'string' },
    json: { type: 'string' },
  } as const;
  const { json, rounds, functions } = readFlags(args, flags, USAGE);
  checkWritable(json);
  return {
    rounds: wholeNumber('rounds', rounds, { least: 1, most: 100, usage: USAGE }),
    root: checkoutOf(functions),
    json,
  };
};

const LEGEND = [
  'Medians of the rounds. CPU is user and system time of all threads of the process. Load: until the code is loaded, beyond the',
  'empty handler of the same round; share: of the five unbundled clients of the same round. The first event loads and compiles',
  'what it needs; the second is the same event once more. sweep finds nothing due; intake, generateQueue and embed share a prompt',
  'file of one line, read, generated, embedded and written. generateHttp warms up while it loads, so that its first answer is',
  'not late. The model server answers at once; database, bucket, queues and vectors are those of the local stack.',
];
