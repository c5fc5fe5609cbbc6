import { join } from 'node:path';
import type { Environment } from '../../../../local/aws/lambda/start-environment.ts';
import { startAws } from '../../../../local/aws/start-aws.ts';
import type { Template } from '../../../../local/aws/template/intrinsics.ts';
import { packageFunctions } from '../../../../local/package-functions.ts';
import { type CpuGroup, type CpuQuotas, sumOfThrottling, type Throttling } from './cpu-quota.ts';

export type PathStackOptions = {
  /** The checkout whose functions run. */
  root: string;
  dataDir: string;
  /** The base URL of the model server. */
  modelServer: string;
  /** Undefined where the system has none: every environment then runs without a limit. */
  quotas: CpuQuotas | undefined;
  log: (line: string) => void;
};

export type PathStack = {
  api: string;
  /**
   * Gives each environment of the functions that generate the CPU of a Lambda with this memory, from the end of its
   * init on: Lambda gives init the full CPU. Applies to running environments and to new ones.
   */
  limitCpu(memoryMb: number | null): void;
  /** Ends the environments of the functions that generate, which must be idle: the next request starts new ones. */
  retire(): Promise<void>;
  /** The waits of the running environments for CPU that they had used up. */
  throttling(): Throttling;
  close(): Promise<void>;
};

const GENERATING = ['GenerateHttpLambdaFunction', 'GenerateQueueLambdaFunction'];

type Held = { environment: Environment; group: CpuGroup | undefined };

/** The template without rules that run by the clock. */
export const withoutSchedules = (packaged: Record<string, unknown>): Template => {
  const template = structuredClone(packaged) as Template;
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Events::Rule' && Properties?.ScheduleExpression !== undefined)
      delete template.Resources[id];
  }
  return template;
};

/**
 * Starts the packaged functions with a model server of which only the address is known. No embeddings and no vectors:
 * send `index: false`. The template's schedules are left out, so that no sweep runs beside a measurement.
 */
export const startPathStack = async (options: PathStackOptions): Promise<PathStack> => {
  const { root, dataDir, modelServer, quotas, log } = options;
  const cache = join(root, 'node_modules', '.cache', 'everytoken', 'packages');
  const { template, bundles } = await packageFunctions(root, cache);
  const held = new Set<Held>();
  let memoryMb: number | null = null;

  const hold = (functionId: string, environment: Environment): void => {
    if (!GENERATING.includes(functionId)) return;
    const group = environment.pid === undefined ? undefined : quotas?.hold(environment.pid);
    const one = { environment, group };
    held.add(one);
    group?.limit(memoryMb);
    void environment.exited.then(() => {
      held.delete(one);
      group?.remove();
    });
  };

  const aws = await startAws({
    ...{ template: withoutSchedules(template), bundles, dataDir, port: 0, onReady: hold },
    environment: {
      ...{ ANONYMOUS_CALLER: 'local', KEPT_FOR_OTHERS_PERCENT: '0', CALLER_REQUESTS_PER_SECOND: '' },
      ...{ OPENAI_API_KEY: 'bench', OPENAI_BASE_URL: modelServer, DEFAULT_MODEL: 'steady' },
      PINECONE_API_KEY: 'bench',
      PINECONE_CONTROLLER_HOST: 'http://127.0.0.1:9', // the discard port: nothing listens there
      NODE_DISABLE_COMPILE_CACHE: '1', // Lambda has none
    },
    userEnvironment: { PATH: process.env.PATH },
    log,
  });
  const killAll = (): void => {
    for (const { environment, group } of held) {
      environment.kill();
      group?.remove();
    }
  };
  process.prependOnceListener('exit', killAll); // before the data folder is removed
  return {
    api: aws.api,
    limitCpu: (given) => {
      memoryMb = given;
      for (const { group } of held) group?.limit(given);
    },
    retire: async () => {
      const all = [...held];
      for (const { environment } of all) environment.kill();
      await Promise.all(all.map(({ environment }) => environment.exited));
    },
    throttling: () => sumOfThrottling([...held].flatMap(({ group }) => group?.throttling() ?? [])),
    close: async () => {
      process.off('exit', killAll);
      await aws.close();
    },
  };
};
