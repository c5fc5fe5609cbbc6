import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withoutOwnServices } from '../local/settings.ts';
import type { StackFile } from '../local/start-stack.ts';

/** A program that starts a local stack, in a process group of its own. */
export type SpawnedStack = {
  child: ChildProcess;
  /** Of the program, and of the group of all its processes. */
  pid: number;
  /** What `stack.json` holds once this stack has written it. */
  file: () => StackFile | undefined;
};

/** Runs a program that starts a local stack in a data folder, with none of the user's own services. */
export const spawnStackProgram = (
  words: string[],
  dataDir: string,
  variables: Record<string, string>,
  stdio: StdioOptions,
): SpawnedStack => {
  const path = join(dataDir, 'stack.json');
  const read = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const ofKilledOne = read();
  const child = spawn(process.execPath, words, {
    cwd: resolve(import.meta.dirname, '..'),
    env: withoutOwnServices({ PORT: '0', EVERYTOKEN_DATA_DIR: dataDir, ...variables }),
    detached: true,
    stdio,
  });
  const file = () => {
    const text = read();
    return text === '' || text === ofKilledOne ? undefined : JSON.parse(text);
  };
  return { child, pid: child.pid ?? 0, file };
};

/** A stack that is up; `ended` resolves when its first process has. */
export type StackGroup = {
  file: StackFile;
  child: ChildProcess;
  pid: number;
  ended: Promise<unknown>;
  /** kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
};

const START_LIMIT_MS = 120_000;

/**
 * Spawns a stack and resolves once it is up. What it prints is added to `stack.log` in the data folder. Throws when it
 * ends before that or takes too long.
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
  process.prependOnceListener('exit', killGroup); // a group of its own would outlive whoever is interrupted
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
    throw new Error(`the stack did not start; it says:\n${readFileSync(join(dataDir, 'stack.log'), 'utf8')}`);
  }
};
