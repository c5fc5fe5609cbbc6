import { setTimeout as delay } from 'node:timers/promises';
import type { StackFile } from '../../../local/start-stack.ts';
import { spawnStackGroup } from '../../stack-group.ts';

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

/** Starts the local stack as `npm start` does. Throws when it does not come up. */
export const startStack = async (
  dataDir: string,
  variables: Record<string, string>,
  nodeFlags: string[] = [],
): Promise<Stack> => {
  const { file, pid, ended, kill } = await spawnStackGroup(
    [...nodeFlags, 'cli/start.ts'],
    dataDir,
    variables,
  );
  const end = async () => {
    process.kill(-pid, 'SIGINT');
    await Promise.race([ended, delay(END_LIMIT_MS, undefined, { ref: false })]);
    await kill();
  };
  return { file, pid, kill, end };
};
