import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../../local/aws/lambda/start-environment.ts';
import { type LocalAws, startAws } from '../../../local/aws/start-aws.ts';
import type { Template } from '../../../local/aws/template/intrinsics.ts';
import { packageFunctions } from '../../../local/package-functions.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { type ModelServer, variablesOf } from '../pipeline/outside-calls.ts';
import { withoutSchedules } from '../truth/path/stack.ts';

/** CPU time (user and system, all threads) in ms, and the peak of resident memory in bytes. */
type Usage = { cpuMs: number; peakBytes: number };

export type ColdStack = {
  aws: LocalAws;
  /** The usage of a function's environment when its bundle was loaded, and now; undefined where it has none. */
  usageOf(functionId: string): { loaded: Usage; now: Usage } | undefined;
  /** Ends all environments, which must be idle: the next event of each function starts a new one. */
  retire(): Promise<void>;
  close(): Promise<void>;
};

/** Functions to compare with: each is a file of peers/, as the packages are installed. */
export const PEERS = ['empty', 'clients', 'langchain'] as const;
export type Peer = (typeof PEERS)[number];
export const peerId = (peer: Peer): string => `Peer${peer}LambdaFunction`;

const PEER_FOLDER = join(import.meta.dirname, 'peers');

type Held = { environment: Environment; loaded: Usage };

/**
 * Starts the packaged functions of a checkout, and the peers beside them, one environment each, with a model server that
 * answers at once. Schedules are left out, so that nothing runs beside a measurement.
 * @throws {Error} where there is no /proc
 */
export const startColdStack = async (
  root: string,
  dataDir: string,
  models: Pick<ModelServer, 'url' | 'model'>,
): Promise<ColdStack> => {
  const cache = join(root, 'node_modules', '.cache', 'everytoken', 'packages');
  const { template, bundles } = await packageFunctions(root, cache);
  const pinecone = await startPinecone({ file: join(dataDir, 'vectors.sqlite') });
  const held = new Map<string, Held>();
  const aws = await startAws({
    template: withPeers(withoutSchedules(template)),
    bundles: (id) => (PEERS.some((peer) => peerId(peer) === id) ? PEER_FOLDER : bundles(id)),
    dataDir: join(dataDir, 'aws'),
    port: 0,
    maxEnvironments: 1,
    onReady: (functionId, environment) =>
      void held.set(functionId, { environment, loaded: usageOf(environment) }),
    environment: {
      ...{ ANONYMOUS_CALLER: 'local', KEPT_FOR_OTHERS_PERCENT: '0', CALLER_REQUESTS_PER_SECOND: '' },
      ...variablesOf(models),
      ...{ PINECONE_API_KEY: pinecone.apiKey, PINECONE_CONTROLLER_HOST: pinecone.url },
      NODE_DISABLE_COMPILE_CACHE: '1', // Lambda has none
    },
    userEnvironment: { PATH: process.env.PATH },
    log: () => undefined,
  });
  return {
    aws,
    usageOf: (functionId) => {
      const one = held.get(functionId);
      return one && { loaded: one.loaded, now: usageOf(one.environment) };
    },
    retire: async () => {
      const all = [...held.values()];
      held.clear();
      for (const { environment } of all) environment.kill();
      await Promise.all(all.map(({ environment }) => environment.exited));
    },
    close: async () => {
      await aws.close();
      await pinecone.close();
    },
  };
};

/** The template with a function for each peer, which has the variables and the rights of the sweep. */
const withPeers = (template: Template): Template => {
  const { SweepLambdaFunction: sweep } = template.Resources;
  for (const peer of PEERS)
    template.Resources[peerId(peer)] = {
      ...structuredClone(sweep),
      Properties: {
        ...structuredClone(sweep?.Properties),
        FunctionName: `bench-${peer}`,
        Handler: `${peer}.handler`,
      },
    } as NonNullable<typeof sweep>;
  return template;
};

/** By /proc: `schedstat` of each thread counts its time on a CPU in ns, which `stat` does in steps of 10 ms. */
const usageOf = ({ pid }: Environment): Usage => {
  const threads = readdirSync(`/proc/${pid}/task`);
  const cpuNs = threads
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, ns) => sum + ns, 0);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuMs: cpuNs / 1e6, peakBytes: Number(peak?.[1] ?? 0) * 1024 };
};
