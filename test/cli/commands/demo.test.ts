import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { figuresTable } from '../../../cli/terminal/figures.ts';
import type { Run, RunSummary } from '../../../client/index.ts';
import type { StackFile } from '../../../local/stack-file.ts';
import { descendantsOf, stillRunning } from '../../e2e/process-table.ts';

const LIMIT_MS = 90_000;

let dataDir: string;
let child: ChildProcess;
let printed: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'everytoken-demo-'));
  printed = '';
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** An environment without keys or addresses: an empty variable overrides that of `.env`. */
const OWN = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'DEFAULT_MODEL', 'ALLOWED_MODELS', 'PINECONE_API_KEY']
  .concat(['PINECONE_CONTROLLER_HOST', 'PINECONE_INDEX', 'PINECONE_NAMESPACE', 'EMBEDDING_BASE_URL'])
  .concat(['EMBEDDING_API_KEY', 'EMBEDDING_MODEL', 'EMBEDDING_DIMENSIONS', 'EVERYTOKEN_API_KEYS', 'PORT'])
  .concat(['DYNAMODB', 'S3', 'SQS', 'EVENTBRIDGE'].map((service) => `AWS_ENDPOINT_URL_${service}`));

const startDemo = (...args: string[]): Promise<[code: number | null, signal: string | null]> => {
  child = spawn(process.execPath, ['cli/everytoken.ts', 'demo', ...args], {
    cwd: join(import.meta.dirname, '../../..'),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...Object.fromEntries(OWN.map((name) => [name, ''])),
      EVERYTOKEN_DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (printed += bytes));
  return once(child, 'exit') as Promise<[number | null, string | null]>;
};

const until = async (isSo: () => boolean): Promise<void> => {
  const end = performance.now() + LIMIT_MS;
  while (!isSo()) {
    if (performance.now() > end || child.exitCode !== null)
      throw new Error(`it did not come so far: ${printed}`);
    await pause(20);
  }
};

const addresses = (): StackFile => JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8'));

const isOpen = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const openPorts = async ({
  api,
  openai,
  pinecone,
  dynamodb,
  s3,
  sqs,
  events,
}: StackFile): Promise<string[]> => {
  const urls = [api, openai, pinecone, dynamodb, s3, sqs, events];
  const open = await Promise.all(urls.map(isOpen));
  return urls.filter((_, at) => open[at]);
};

test('the demo prints the figures of the API, exits with 0, and leaves no process and no open port', {
  timeout: LIMIT_MS,
}, async () => {
  const exited = startDemo('Explain neural nets.');
  await until(() => printed.includes('clock check'));
  const stack = addresses();
  const processes = descendantsOf(child.pid ?? 0);
  expect(processes).not.toEqual([]);
  const { data } = await read<{ data: RunSummary[] }>(`${stack.api}/runs?label=Top-k%2040`);
  const shown = data.at(-1);
  const run = await read<Run>(`${stack.api}/runs/${shown?.id}`);
  expect(await exited).toEqual([0, null]);

  expect(printed).toMatch(
    /^everytoken demo · local n-gram model, not an LLM · pace simulated at 90 tokens\/s\n/,
  );
  expect(printed).toMatch(/✓ model ✓ pinecone ✓ dynamodb ✓ s3 ✓ queues ✓ api +\d+\.\d s\n/);
  expect(printed).toContain('\n> Explain neural nets.\n');
  expect(run.prompt).toBe('Explain neural nets.');
  expect(run.generations.map(({ label }) => label)).toEqual(['Top-k 40', 'Top-p 0.9']);
  expect(printed).toContain(`\n${figuresTable(run.generations, 100).join('\n')}\n`);
  const tokens = run.usage.completion_tokens;
  expect(printed).toMatch(
    new RegExp(
      `clock check  (agrees|late)[^·\\n]*(?: ·)?\\s+${tokens} tokens, reported against emitted: median [\\d.]+ ms, worst [\\d.]+ ms`,
    ),
  );
  expect(printed).toMatch(
    /diversity {4}8 more samples of each, unpaced: 0\.\d\d ± \.\d\d and 0\.\d\d ± \.\d\d, /,
  );
  expect(printed).toMatch(/stored {7}Pinecone index 'autogen-text' \(18 vectors\) · DynamoDB · S3/);
  expect(printed).toMatch(/search {7}"similarity search" → 0\.\d\d · Top-[kp] [\d.]+ #\d+/);
  expect(printed).toContain(`\n  EVERYTOKEN_DATA_DIR=${dataDir} npm start `);
  expect(printed).toContain(`\n  npx everytoken show ${run.id} `);
  expect(printed).not.toContain('\x1b');
  expect(await openPorts(stack)).toEqual([]);
  expect(stillRunning(processes)).toEqual([]);
  expect(existsSync(join(dataDir, 'stack.json'))).toBe(false);
});

test('Ctrl-C in the middle stops everything and exits with the status of an interrupted process', {
  timeout: LIMIT_MS,
}, async () => {
  const exited = startDemo();
  await until(() => printed.includes('warm-up'));
  const stack = addresses();
  expect(await openPorts(stack)).toHaveLength(7);
  const processes = descendantsOf(child.pid ?? 0);
  child.kill('SIGINT');
  expect(await exited).toEqual([130, null]);
  expect(printed).not.toContain('error');
  expect(await openPorts(stack)).toEqual([]);
  expect(stillRunning(processes)).toEqual([]);
});

test('a failed start prints one line with the remedy, and exits with 1', {
  timeout: LIMIT_MS,
}, async () => {
  rmSync(dataDir, { recursive: true });
  dataDir = join(import.meta.filename, 'below-a-file');
  expect(await startDemo()).toEqual([1, null]);
  expect(printed.trim()).toMatch(
    /^error: the data folder .* cannot be emptied \(ENOTDIR\): set EVERYTOKEN_DATA_DIR .*$/,
  );
});

const read = async <T>(url: string): Promise<T> => (await fetch(url)).json() as Promise<T>;
