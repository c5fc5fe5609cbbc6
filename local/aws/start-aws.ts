import { join } from 'node:path';
import { type Closer, closeAll } from '../closers.ts';
import { holdDataFolder } from '../data-folder.ts';
import type { ForeignEndpoints } from './foreign-services.ts';
import { type Endpoints, functionEnvironment } from './function-environment.ts';
import { startGateway } from './gateway/start-gateway.ts';
import { type FunctionPool, makeFunctionPool } from './lambda/function-pool.ts';
import { queueNameOf } from './queue-sender.ts';
import { startServices } from './start-services.ts';
import type { Template } from './template/intrinsics.ts';
import { readTemplate } from './template/read-template.ts';
import { pollQueue } from './triggers/poll-queue.ts';
import { runSchedules } from './triggers/run-schedules.ts';

export type StartAwsOptions = {
  /** The packaged CloudFormation template. */
  template: Template;
  /** The folder with a function's unpacked bundle, by its logical id. */
  bundles: (functionLogicalId: string) => string;
  dataDir: string;
  /** The gateway's; 0 is any free one. */
  port: number;
  /** Variables that every function gets, over the template's. */
  environment: Record<string, string>;
  /** Services of the user's own: nothing is created there. DynamoDB alone, or S3, SQS and EventBridge together. */
  endpoints?: ForeignEndpoints;
  /** Other addresses for the functions alone, from the real ones: for what stands in between. Queue URLs follow. */
  functionEndpoints?: ((endpoints: Endpoints) => Promise<Endpoints>) | undefined;
  /** Functions with one environment started ahead, by logical id. */
  warm?: readonly string[];
  /** Environments a function may have at once: 10. */
  maxEnvironments?: number;
  /** Batches of a queue in a function's hands at once, whatever the template allows: 4. */
  maxQueueConcurrency?: number;
  /** How long an unused environment is kept: 5 minutes. */
  idleMs?: number;
  stackName?: string;
  /** Where credentials and the region for the user's own services are looked for: `process.env`. */
  userEnvironment?: NodeJS.ProcessEnv;
  log: (line: string) => void;
};

export type LocalAws = Endpoints & {
  api: string;
  table: string | undefined;
  bus: string | undefined;
  /** Names by logical id. */
  buckets: Record<string, string>;
  /** URLs by logical id. */
  queues: Record<string, string>;
  /** Runs a function as a synchronous invocation; resolves to its parsed answer. */
  invoke: (functionLogicalId: string, event: unknown) => Promise<unknown>;
  /** Ends everything within about two seconds; running functions have one of them. */
  close: () => Promise<void>;
};

const GRACE_MS = 1_000;
const ACCOUNT = '000000000000';

/**
 * Runs a packaged template on this machine: its table, buckets, queues, bus, rules, functions and REST API.
 *
 * @throws Error naming what the template has and the local stack does not interpret, what a foreign service lacks,
 * or why the data folder cannot serve;
 * the gateway's listener error with its `code` (`EADDRINUSE`).
 */
export const startAws = async (options: StartAwsOptions): Promise<LocalAws> => {
  const closers: Closer[] = [];
  try {
    return await start(options, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
};

const start = async (options: StartAwsOptions, closers: Closer[]): Promise<LocalAws> => {
  const { template, bundles, dataDir, endpoints: given = {}, log } = options;
  const foreign = Object.values(given).some((url) => url !== undefined);
  const userEnv = options.userEnvironment ?? process.env;
  const region = (foreign && userEnv.AWS_REGION) || 'us-east-1';
  const stackName = options.stackName ?? 'everytoken-local';
  const model = readTemplate(template, { stackName, region, account: ACCOUNT });

  // The port first: whoever finds it taken has started nothing.
  const pool = Promise.withResolvers<FunctionPool>();
  pool.promise.catch(() => {});
  const gateway = await startGateway({
    ...{ api: model.api, account: ACCOUNT, port: options.port },
    invoke: async (...call) => (await pool.promise).invoke(...call),
  });
  closers.push(() => {
    pool.reject(new Error('The local stack did not start'));
    return gateway.close();
  });

  closers.push(holdDataFolder(dataDir).close);
  const { endpoints, sqs, queueUrl } = await startServices(model, { dataDir, given, userEnv, log }, closers);
  const reached = (await options.functionEndpoints?.(endpoints)) ?? endpoints;

  const maxEnvironments = options.maxEnvironments ?? 10;
  const functions = makeFunctionPool({
    functions: model.functions,
    bundles,
    environmentOf: (fn) =>
      functionEnvironment({
        ...{ fn, endpoints: reached, region, folder: bundles(fn.id), foreign },
        queueUrl: (name) => queueUrl(name).replace(endpoints.sqs, reached.sqs),
        overrides: options.environment,
        userEnv,
      }),
    limitOf: () => maxEnvironments,
    idleMs: options.idleMs ?? 5 * 60_000,
    cacheFolder: join(dataDir, 'compile-cache'),
    log,
  });
  pool.resolve(functions);
  closers.push(() => functions.close(0));
  await Promise.all((options.warm ?? []).map(functions.warm));

  const pollers = model.mappings.map((mapping) =>
    pollQueue({
      ...{ mapping, client: sqs, region, invoke: functions.invoke, log },
      queueUrl: queueUrl(queueNameOf(mapping.queueArn)),
      concurrency: Math.min(mapping.maximumConcurrency, options.maxQueueConcurrency ?? 4),
    }),
  );
  const stopSchedules = runSchedules({ ...model, invoke: functions.invoke });
  closers.push(async () => {
    stopSchedules();
    // Functions end while what they call is still there.
    await Promise.all([...pollers.map((poller) => poller.close()), functions.close(GRACE_MS)]);
  });

  let closed: Promise<void> | undefined;
  return {
    api: gateway.url,
    ...endpoints,
    table: model.tables[0]?.name,
    bus: model.buses[0]?.name,
    buckets: Object.fromEntries(model.buckets.map(({ id, name }) => [id, name])),
    queues: Object.fromEntries(model.queues.map(({ id, name }) => [id, queueUrl(name)])),
    invoke: async (id, event) => parsed(await functions.invoke(id, event)),
    close: () => {
      closed ??= closeAll(closers);
      return closed;
    },
  };
};

const parsed = (payload: string | undefined): unknown => {
  try {
    return payload === undefined ? undefined : JSON.parse(payload);
  } catch {
    return payload; // a streamed answer, whole
  }
};
