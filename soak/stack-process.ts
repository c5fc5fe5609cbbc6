import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StackFile } from '../local/start-stack.ts';
import type { FaultCounts } from './fault-proxy.ts';

const root = resolve(import.meta.dirname, '..');
const START_LIMIT_MS = 90_000;

/** What a user may have set, here or in `.env`: set to nothing, none of it reaches a soak's stack. */
const NOT_OURS = [
  ...['OPENAI_API_KEY', 'DEFAULT_MODEL', 'ALLOWED_MODELS', 'PROVIDERS', 'PRICES', 'MODEL_CATALOGUE'],
  ...['EMBEDDING_MODEL', 'EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY', 'EMBEDDING_DIMENSIONS'],
  ...['PINECONE_API_KEY', 'PINECONE_INDEX', 'PINECONE_NAMESPACE'],
  ...['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS'],
  ...['AWS_ENDPOINT_URL_EVENTBRIDGE', 'EVERYTOKEN_API_KEYS', 'RETENTION_DAYS'],
];

export type RunningStack = {
  file: StackFile;
  /** Lets the calls of its functions to the AWS parts fail, or no longer. */
  setFaults(active: boolean): void;
  /** What was injected so far, as the stack last told it. */
  faults(): FaultCounts;
  /** kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
};

/**
 * Starts the local stack in a process group of its own and resolves once its `stack.json` is new. What it prints is
 * added to `stack.log` in the data folder. Throws when it ends before that or takes too long.
 */
export const startStack = async (
  dataDir: string,
  variables: Record<string, string>,
  { seed, awsFaultRate }: { seed: number; awsFaultRate: number },
): Promise<RunningStack> => {
  const path = join(dataDir, 'stack.json');
  const read = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const ofKilledOne = read();
  const child = spawn(
    process.execPath,
    [join(root, 'soak/faulty-stack.ts'), String(seed), String(awsFaultRate)],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...Object.fromEntries(NOT_OURS.map((name) => [name, ''])),
        ...{ PORT: '0', EVERYTOKEN_LOCAL_PACE: '0', EVERYTOKEN_DATA_DIR: dataDir },
        ...variables,
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let faults: FaultCounts = {};
  child.on('message', (told) => {
    faults = told as FaultCounts;
  });
  const log = createWriteStream(join(dataDir, 'stack.log'), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) stream?.pipe(log, { end: false });
  const ended = once(child, 'exit');
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', killGroup); // a group of its own outlives a soak that is interrupted
  const kill = async () => {
    process.off('exit', killGroup);
    killGroup();
    await ended;
    log.end();
  };
  for (const end = performance.now() + START_LIMIT_MS; ['', ofKilledOne].includes(read()); await delay(50)) {
    if (child.exitCode === null && performance.now() < end) continue;
    await kill();
    throw new Error(`the stack did not start: see ${join(dataDir, 'stack.log')}`);
  }
  return {
    file: JSON.parse(read()),
    setFaults: (active) => void child.send({ active }),
    faults: () => faults,
    kill,
  };
};
