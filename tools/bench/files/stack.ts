import { setTimeout as delay } from 'node:timers/promises';
import type { StackFile } from '../../../local/stack-file.ts';
import { START, spawnStackGroup } from '../../stack-group.ts';
import { type Clients, clientsOf } from './clients.ts';
import type { Phases } from './phases.ts';
import { watchProcesses } from './processes.ts';

export type Stack = {
  file: StackFile;
  /** The stack's first process, which is also the id of its process group. */
  pid: number;
  /** Sends kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
  /** Sends Ctrl-C, then kill -9 after 15 s. */
  end(): Promise<void>;
};

const END_LIMIT_MS = 15_000;

/**
 * Starts the local stack as `npm start` does.
 * @throws {Error} when the stack does not come up
 */
export const startStack = async (
  dataDir: string,
  variables: Record<string, string>,
  nodeFlags: string[] = [],
): Promise<Stack> => {
  const { file, pid, ended, kill } = await spawnStackGroup([...nodeFlags, ...START], dataDir, variables);
  const end = async () => {
    process.kill(-pid, 'SIGINT');
    await Promise.race([ended, delay(END_LIMIT_MS, undefined, { ref: false })]);
    await kill();
  };
  return { file, pid, kill, end };
};

/** One start of the stack to its end; `peakBytes` is the highest peak of its intake processes, 0 if unknown. */
export type Life = { ended: string; peakBytes: number };

/** Starts, kills and restarts stacks on the same folder. `lives` has one entry for each kill. */
export const makeStackLives = (dataDir: string, variables: Record<string, string>, phases: Phases) => {
  const groups: number[] = [];
  const watch = watchProcesses(groups);
  const lives: Life[] = [];
  let running: { stack: Stack; clients: Clients } | undefined;

  return {
    lives,
    start: async (name: string): Promise<Clients> => {
      const stack = await phases.run(name, () => startStack(dataDir, variables));
      groups.push(stack.pid);
      const clients = clientsOf(stack.file);
      running = { stack, clients };
      return clients;
    },
    kill: async (ended: string): Promise<void> => {
      if (!running) return;
      const { stack, clients } = running;
      clients.destroy();
      const peaks = watch
        .seen()
        .filter(({ group, role }) => group === stack.pid && role === 'function intake')
        .map(({ peakBytes }) => peakBytes);
      lives.push({ ended, peakBytes: Math.max(0, ...peaks) });
      await stack.kill();
      running = undefined;
      phases.tell(`${ended}: kill -9 to every process of the stack`);
    },
    /** Kills the stack that still runs, if any. */
    close: async (): Promise<void> => {
      watch.end();
      running?.clients.destroy();
      await running?.stack.kill();
    },
  };
};

export type StackLives = ReturnType<typeof makeStackLives>;
