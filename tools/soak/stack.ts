import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { StackFile } from '../../local/start-stack.ts';
import { localAwsClients } from '../local-aws-clients.ts';
import { spawnStackGroup } from '../stack-group.ts';
import type { FaultCounts } from './fault-proxy.ts';
import type { Services } from './start-services.ts';

/** One stack after the other on the same data. */
export const makeRestarts = (
  dataDir: string,
  { variables }: Services,
  { seed, awsFaultRate }: { seed: number; awsFaultRate: number },
) => {
  const told: FaultCounts[] = [];
  let running: RunningStack | undefined;
  let clients: StackClients | undefined;
  return {
    clients: () => clients,
    start: async (): Promise<void> => {
      running = await startStack(dataDir, variables, { seed: seed + told.length, awsFaultRate });
      clients = stackClients(running.file);
    },
    setFaults: (active: boolean) => running?.setFaults(active),
    /** Of all stacks so far; what one injected in its last moments before a kill is missing. */
    faults: (): FaultCounts => [...told, running?.faults() ?? {}].reduce(sumOf, {}),
    kill: async (): Promise<void> => {
      const killed = running;
      if (killed) told.push(killed.faults());
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
  /** Lets the calls of its functions to the AWS parts fail, or no longer. */
  setFaults(active: boolean): void;
  /** What was injected so far, as the stack last told it. */
  faults(): FaultCounts;
  /** kill -9 to every process of the stack at once. */
  kill(): Promise<void>;
};

/** Starts a stack with faults before its AWS parts. Throws when it does not come up. */
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
  child.on('message', (told) => {
    faults = told as FaultCounts;
  });
  return { file, setFaults: (active) => void child.send({ active }), faults: () => faults, kill };
};

/** How a stack is offered files, and read past everytoken. Every start of a stack has other addresses. */
const stackClients = (file: StackFile) => {
  const { destroy, ...clients } = localAwsClients(file);
  // S3 takes a repeated put for another object, with an event of its own. A repeated read does no harm.
  const once = localAwsClients(file, { maxAttempts: 1 });
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
