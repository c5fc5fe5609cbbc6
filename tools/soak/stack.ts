import { PutObjectCommand } from '@aws-sdk/client-s3';
import { awsCredentialsIn, type StackFile } from '../../local/stack-file.ts';
import { localAwsClients } from '../local-aws-clients.ts';
import { spawnStackGroup } from '../stack-group.ts';
import type { FaultCounts } from './fault-proxy.ts';
import type { Services } from './start-services.ts';

/** Starts, kills and restarts stacks on the same data. */
export const makeRestarts = (
  dataDir: string,
  { variables }: Services,
  { seed, awsFaultRate }: { seed: number; awsFaultRate: number },
) => {
  const earlier: FaultCounts[] = [];
  let running: RunningStack | undefined;
  let clients: StackClients | undefined;
  return {
    clients: () => clients,
    start: async (): Promise<void> => {
      running = await startStack(dataDir, variables, { seed: seed + earlier.length, awsFaultRate });
      clients = stackClients(running.file);
    },
    setFaults: (active: boolean) => running?.setFaults(active),
    /** Counts of all stacks so far. Faults in the last moments before a kill are missing. */
    faults: (): FaultCounts => [...earlier, running?.faults() ?? {}].reduce(sumOf, {}),
    kill: async (): Promise<void> => {
      const killed = running;
      if (killed) earlier.push(killed.faults());
      clients?.destroy();
      clients = undefined;
      running = undefined;
      await killed?.kill();
    },
  };
};

export type Restarts = ReturnType<typeof makeRestarts>;

const sumOf = (sum: FaultCounts, counts: FaultCounts): FaultCounts => {
  const summed = { ...sum };
  for (const [name, { requests, faults }] of Object.entries(counts)) {
    const sofar = summed[name] ?? { requests: 0, faults: {} };
    const both = Object.entries(faults).map(([fault, times]) => [fault, times + (sofar.faults[fault] ?? 0)]);
    summed[name] = { requests: requests + sofar.requests, faults: Object.fromEntries(both) };
  }
  return summed;
};

type RunningStack = {
  file: StackFile;
  /** Turns the faults between its functions and the AWS parts on or off. */
  setFaults(active: boolean): void;
  /** The faults injected so far, as the stack last reported them. */
  faults(): FaultCounts;
  /** Sends kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
};

/**
 * Starts a stack with fault proxies in front of its AWS parts.
 * @throws {Error} when the stack does not come up
 */
const startStack = async (
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
  child.on('message', (counts) => {
    faults = counts as FaultCounts;
  });
  return { file, setFaults: (active) => void child.send({ active }), faults: () => faults, kill };
};

/** Clients that upload files to a stack and read its stores directly. The addresses change with every start. */
const stackClients = (file: StackFile) => {
  const own = awsCredentialsIn(file);
  const { destroy, ...clients } = localAwsClients(file, own);
  // No retries for puts: S3 sends another event for a repeated put. Repeated reads do no harm.
  const once = localAwsClients(file, { ...own, maxAttempts: 1 });
  const [bucket = ''] = Object.values(file.buckets);
  return {
    ...clients,
    ...{ api: file.api, table: file.table ?? '', index: file.index, bucket, queues: file.queues },
    put: async (key: string, body: string | Uint8Array): Promise<void> => {
      await once.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    destroy: () => {
      destroy();
      once.destroy();
    },
  };
};

export type StackClients = ReturnType<typeof stackClients>;
