import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withoutOwnServices } from '../local/settings.ts';
import type { StackFile } from '../local/stack-file.ts';

/** A program that starts a local stack and runs in a process group of its own. */
export type SpawnedStack = {
  child: ChildProcess;
  /** The id of the program, and of the group of all its processes. */
  pid: number;
  /** Reads `stack.json`; undefined until this stack has written it. */
  file: () => StackFile | undefined;
};

/** The program that starts a local stack, with all its log lines. */
export const START = ['cli/everytoken.ts', 'start', '--verbose'];

/** Runs a program that starts a local stack in a data folder. Hides the user's own service settings from it. */
export const spawnStackProgram = (
  words: string[],
  dataDir: string,
  variables: Record<string, string>,
  stdio: StdioOptions,
): SpawnedStack => {
  const path = join(dataDir, 'stack.json');
  const read = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const earlier = read(); // from a killed stack in the same folder
  const child = spawn(process.execPath, words, {
    cwd: resolve(import.meta.dirname, '..'),
    env: {
      ...withoutOwnServices({ PORT: '0', EVERYTOKEN_DATA_DIR: dataDir, ...variables }),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    },
    detached: true,
    stdio,
  });
  const file = () => {
    const text = read();
    return text === '' || text === earlier ? undefined : JSON.parse(text);
  };
  return { child, pid: child.pid ?? 0, file };
};

/** A stack that is up. `ended` resolves when its first process ends. */
export type StackGroup = {
  file: StackFile;
  child: ChildProcess;
  pid: number;
  ended: Promise<unknown>;
  /** Sends kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
};

const START_LIMIT_MS = 120_000;

/**
 * Spawns a stack and resolves once it is up. Its output is appended to `stack.log` in the data folder.
 * @throws {Error} with that log, when the stack ends before it is up or needs more than two minutes
 *
 * @example
 * const { file, kill } = await spawnStackGroup(['cli/everytoken.ts', 'start'], dataDir, {});
 * const health = await fetch(`${file.api}/health`);
 * await kill();
 */
export const spawnStackGroup = async (
  words: string[],
  dataDir: string,
  variables: Record<string, string>,
): Promise<StackGroup> => {
  const { child, pid, file } = spawnStackProgram(words, dataDir, variables, [
    'ignore',
    'pipe',
    'pipe',
    'ipc',
  ]);
  const log = createWriteStream(join(dataDir, 'stack.log'), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) stream?.pipe(log, { end: false });
  const ended = once(child, 'exit');
  const killGroup = () => {
    if (pid > 0 && child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL');
  };
  process.prependOnceListener('exit', killGroup); // on Ctrl-C too: a process group of its own does not get the signal
  const kill = async () => {
    process.off('exit', killGroup);
    killGroup();
    await ended;
    log.end();
  };
  for (const end = performance.now() + START_LIMIT_MS; ; await delay(50)) {
    const own = file();
    if (own) return { file: own, child, pid, ended, kill };
    if (child.exitCode === null && performance.now() < end) continue;
    await kill();
    throw new Error(`the stack did not start; its log:\n${readFileSync(join(dataDir, 'stack.log'), 'utf8')}`);
  }
};
