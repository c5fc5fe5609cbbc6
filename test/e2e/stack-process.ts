import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StackFile } from '../../local/stack-file.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { START, spawnStackProgram } from '../../tools/stack-group.ts';
import { descendantsOf } from './process-table.ts';

export const root = resolve(import.meta.dirname, '../..');

/** A running `npm start`, in a process group of its own, as in a terminal. */
export type StackProcess = {
  pid: number;
  dataDir: string;
  /** The contents of its stack.json, once written. */
  file: () => StackFile | undefined;
  output: () => string;
  /** The exit status, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Like `ended`, but after all its output has been read. */
  closed: Promise<number | NodeJS.Signals>;
  /** All its descendants. */
  children: () => number[];
  /** Sends Ctrl-C to the whole group. Resolves to the exit status. */
  interrupt: () => Promise<number | NodeJS.Signals>;
  /** Sends kill -9 to this process alone. */
  kill: () => Promise<number | NodeJS.Signals>;
};

export type RunningStack = Omit<StackProcess, 'file'> & { file: StackFile };

const started = new Set<ChildProcess>();

/** Ends everything that a failed test left running, with all descendants. */
export const endAll = (): void => {
  for (const child of started) {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Already ended.
    }
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

const folders: string[] = [];

/** A folder that `endAll` removes. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-e2e-'));
  folders.push(folder);
  return folder;
};

/** Starts a local stack on a data folder with additional variables. */
export const spawnStack = (dataDir: string, variables: Record<string, string> = {}): StackProcess => {
  const { child, pid, file } = spawnStackProgram(START, dataDir, variables, ['ignore', 'pipe', 'pipe']);
  started.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (output += bytes));
  const statusOf = ([code, signal]: (number | NodeJS.Signals)[]) => code ?? signal ?? 0;
  const ended = once(child, 'exit').then(statusOf);
  const closed = once(child, 'close').then(statusOf);
  void closed.then(() => started.delete(child));
  const end = (send: () => void) => {
    send();
    return ended;
  };
  return {
    ...{ pid, dataDir, file },
    output: () => output,
    ended,
    closed,
    children: () => descendantsOf(pid),
    interrupt: () => end(() => process.kill(-pid, 'SIGINT')),
    kill: () => end(() => child.kill('SIGKILL')),
  };
};

// Packaging the functions on two busy cores takes most of a first start.
const START_LIMIT_MS = 180_000;

/** Starts a stack and waits for its stack.json. */
export const runStack = async (
  dataDir = temporaryFolder(),
  variables: Record<string, string> = {},
  limitMs = START_LIMIT_MS,
): Promise<RunningStack> => {
  const stack = spawnStack(dataDir, variables);
  const end = stack.ended.then((status) => {
    throw new Error(`the stack ended with ${status}: ${stack.output()}`);
  });
  const isUp = pollUntil(() => `stack.json; it says ${stack.output()}`, stack.file, limitMs);
  const file = await Promise.race([isUp, end]);
  end.catch(() => undefined); // from here on the test handles its end
  return { ...stack, file };
};

/** An unused port. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
