import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StackFile } from '../../local/start-stack.ts';

const root = resolve(import.meta.dirname, '../..');
const START_LIMIT_MS = 120_000;

/** What a user may have set, here or in `.env`: set to nothing, none of it reaches the benchmark's stack. */
const NOT_OURS = [
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'DEFAULT_MODEL', 'ALLOWED_MODELS', 'PROVIDERS', 'PRICES'],
  ...['EMBEDDING_MODEL', 'EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY', 'EMBEDDING_DIMENSIONS'],
  ...['PINECONE_API_KEY', 'PINECONE_CONTROLLER_HOST', 'PINECONE_INDEX', 'PINECONE_NAMESPACE'],
  ...['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS'],
  ...['AWS_ENDPOINT_URL_EVENTBRIDGE', 'EVERYTOKEN_API_KEYS', 'RETENTION_DAYS', 'MODEL_CATALOGUE'],
];

export type Stack = {
  file: StackFile;
  /** The process that all others of the stack come from, and their process group. */
  pid: number;
  /** kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
  /** Ctrl-C; kill -9 when that takes too long. */
  end(): Promise<void>;
};

const END_LIMIT_MS = 15_000;

/**
 * Starts the local stack (`cli/start.ts`) in a process group of its own and resolves once its `stack.json` is new.
 * What it prints is added to `stack.log` in the data folder. Throws when it ends before that or takes too long.
 */
export const startStack = async (
  dataDir: string,
  variables: Record<string, string>,
  nodeFlags: string[] = [],
): Promise<Stack> => {
  const path = join(dataDir, 'stack.json');
  const read = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const ofKilledOne = read();
  const child = spawn(process.execPath, [...nodeFlags, join(root, 'cli/start.ts')], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...Object.fromEntries(NOT_OURS.map((name) => [name, ''])),
      ...{ PORT: '0', EVERYTOKEN_DATA_DIR: dataDir },
      ...variables,
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(dataDir, 'stack.log'), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  const killGroup = () => {
    if (pid > 0 && child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL');
  };
  process.prependOnceListener('exit', killGroup); // a group of its own would outlive a benchmark that is interrupted
  const kill = async () => {
    process.off('exit', killGroup);
    killGroup();
    await ended;
    log.end();
  };
  for (const end = performance.now() + START_LIMIT_MS; ['', ofKilledOne].includes(read()); await delay(50)) {
    if (child.exitCode === null && performance.now() < end) continue;
    await kill();
    throw new Error(`the stack did not start; it says:\n${readFileSync(join(dataDir, 'stack.log'), 'utf8')}`);
  }
  const end = async () => {
    process.kill(-pid, 'SIGINT');
    await Promise.race([ended, delay(END_LIMIT_MS, undefined, { ref: false })]);
    await kill();
  };
  return { file: JSON.parse(read()), pid, kill, end };
};
