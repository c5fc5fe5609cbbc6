import type { StackFile } from '../../local/start-stack.ts';
import { spawnStackGroup } from '../stack-group.ts';
import type { FaultCounts } from './fault-proxy.ts';

export type RunningStack = {
  file: StackFile;
  /** Lets the calls of its functions to the AWS parts fail, or no longer. */
  setFaults(active: boolean): void;
  /** What was injected so far, as the stack last told it. */
  faults(): FaultCounts;
  /** kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
};

/** Starts the local stack with faults before its AWS parts. Throws when it does not come up. */
export const startStack = async (
  dataDir: string,
  variables: Record<string, string>,
  { seed, awsFaultRate }: { seed: number; awsFaultRate: number },
): Promise<RunningStack> => {
  const words = ['tools/soak/faulty-stack.ts', String(seed), String(awsFaultRate)];
  const { file, child, kill } = await spawnStackGroup(words, dataDir, {
    EVERYTOKEN_LOCAL_PACE: '0',
    ...variables,
  });
  let faults: FaultCounts = {};
  child.on('message', (told) => {
    faults = told as FaultCounts;
  });
  return { file, setFaults: (active) => void child.send({ active }), faults: () => faults, kill };
};
