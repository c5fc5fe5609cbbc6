import { join } from 'node:path';
import { type Closer, closeAll, opened } from '../closers.ts';
import { holdDataFolder } from '../data-folder.ts';
import { watchDisk } from '../disk.ts';
import {
  type AwsKey,
  keyOfFunction,
  keysOf,
  keyVariables,
  newAwsKey,
  userCredentialVariables,
} from './credentials.ts';
import { type ForeignEndpoints, isAllForeign } from './foreign-services.ts';
import { type Endpoints, functionEnvironment } from './function-environment.ts';
import { startGateway } from './gateway/start-gateway.ts';
import { type FunctionPool, type FunctionPoolOptions, makeFunctionPool } from './lambda/function-pool.ts';
import { queueNameOf } from './queue-sender.ts';
import type { KeyRing } from './signing/signature.ts';
import type { PrepareTable } from './start-dynamodb.ts';
import { startServices } from './start-services.ts';
import type { Template } from './template/intrinsics.ts';
import { readTemplate } from './template/read-template.ts';
import type { LambdaFunction } from './template/stack-model.ts';
import { pollQueue } from './triggers/poll-queue.ts';
import { runSchedules } from './triggers/run-schedules.ts';
import { startUserKeys } from './user-keys.ts';

export type StartAwsOptions = {
  /** The packaged CloudFormation template. */
  template: Template;
  /** The folder of a function's unpacked bundle, by its logical id. */
  bundles: (functionLogicalId: string) => string;
  /** A folder for the compiled code of the bundles. Default: one in `dataDir`. */
  compileCache?: string;
  dataDir: string;
  /** The gateway's port; 0 takes any free one. */
  port: number;
  /** Variables of every function; they replace those of the template. */
  environment: Record<string, string>;
  /**
   * Endpoints of the user's own services, where nothing is created. S3, SQS and EventBridge come together or not at
   * all; DynamoDB may come alone.
   */
  endpoints?: ForeignEndpoints;
  /**
   * Maps the real endpoints to those that the functions use, so that a proxy can stand in between. Queue URLs change
   * with the SQS endpoint.
   */
  functionEndpoints?: ((endpoints: Endpoints) => Promise<Endpoints>) | undefined;
  /** Logical ids of functions that get one environment at start, before their first event. */
  warm?: readonly string[];
  /** The most environments that one function has at once. Default: 10. */
  maxEnvironments?: number;
  /** The most batches of one queue in progress at once, even when the template allows more. Default: 5. */
  maxQueueConcurrency?: number;
  /** How long an idle environment is kept, in ms. Default: 5 minutes. */
  idleMs?: number;
  /** Called once for each environment of a function, after its bundle is loaded and before its first event. */
  onReady?: FunctionPoolOptions['onReady'];
  stackName?: string;
  /** Called for each table before any function runs, unless DynamoDB is the user's own. */
  prepareTable?: PrepareTable;
  /** The access key of the local services. Default: a random one. */
  credentials?: AwsKey;
  /** The source of credentials and region for the user's own services. Default: `process.env`. */
  userEnvironment?: NodeJS.ProcessEnv;
  log: (line: string) => void;
};

export type LocalAws = Endpoints & {
  api: string;
  table: string | undefined;
  bus: string | undefined;
  /** The access key that the local services take. */
  credentials: AwsKey;
  /** Bucket names by logical id. */
  buckets: Record<string, string>;
  /** Queue URLs by logical id. */
  queues: Record<string, string>;
  /** Invokes a function synchronously; resolves to its parsed answer, or its text where that is not JSON. */
  invoke: (functionLogicalId: string, event: unknown) => Promise<unknown>;
  /** Stops everything within about two seconds. Running functions get one second to finish. */
  close: () => Promise<void>;
};

const GRACE_MS = 1_000;
const ACCOUNT = '000000000000';

/**
 * Runs a packaged template on this machine: its table, buckets, queues, bus, rules, functions and REST API.
 *
 * @throws {Error} when the local stack does not interpret a part of the template, a service of the user's own lacks a
 * resource, or the data folder is in use or cannot be written. A taken port is the listener's error, with `code`
 * `EADDRINUSE`.
 *
 * @example
 * const aws = await startAws({
 *   template: JSON.parse(readFileSync('package/template.json', 'utf8')),
 *   bundles: (id) => join('package', id),
 *   dataDir: '.data/aws',
 *   port: 3000,
 *   environment: { LOG_LEVEL: 'debug' },
 *   log: console.error,
 * });
 * await fetch(`${aws.api}/health`);
 * await aws.close();
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
  const { template, bundles, dataDir, endpoints: given = {}, credentials: key = newAwsKey(), log } = options;
  const foreign = Object.values(given).some((url) => url !== undefined);
  const userEnv = options.userEnvironment ?? process.env;
  const region = (foreign && userEnv.AWS_REGION) || 'us-east-1';
  const stackName = options.stackName ?? 'everytoken-local';
  const model = readTemplate(template, { stackName, region, account: ACCOUNT });

  // The port comes first: when it is taken, nothing has been started yet.
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
  const own = keysOf(key, model.functions.values());
  const user =
    foreign && !isAllForeign(given) ? await opened(closers, startUserKeys(region, userEnv)) : undefined;
  const keys: KeyRing = { get: (id) => own.get(id) ?? user?.keys.get(id) };
  const { endpoints, sqs, queueUrl } = await startServices(
    model,
    {
      dataDir,
      given,
      userEnv,
      key,
      keys,
      disk: watchDisk(dataDir, { log }),
      prepareTable: options.prepareTable,
      log,
    },
    closers,
  );
  const credentialsOf = (fn: LambdaFunction) =>
    foreign ? (user?.variables ?? userCredentialVariables(userEnv)) : keyVariables(keyOfFunction(key, fn));
  const functionEndpoints = (await options.functionEndpoints?.(endpoints)) ?? endpoints;

  const maxEnvironments = options.maxEnvironments ?? 10;
  const functions = makeFunctionPool({
    functions: model.functions,
    bundles,
    environmentOf: (fn) =>
      functionEnvironment({
        ...{
          fn,
          endpoints: functionEndpoints,
          region,
          folder: bundles(fn.id),
          credentials: credentialsOf(fn),
        },
        queueUrl: (name) => queueUrl(name).replace(endpoints.sqs, functionEndpoints.sqs),
        overrides: options.environment,
        userEnv,
      }),
    limitOf: () => maxEnvironments,
    idleMs: options.idleMs ?? 5 * 60_000,
    cacheFolder: options.compileCache ?? join(dataDir, 'compile-cache'),
    onReady: options.onReady,
    log,
  });
  pool.resolve(functions);
  closers.push(() => functions.close(0));
  await Promise.all((options.warm ?? []).map(functions.warm));

  const pollers = model.mappings.map((mapping) =>
    pollQueue({
      ...{ mapping, client: sqs, region, invoke: functions.invoke, log },
      queueUrl: queueUrl(queueNameOf(mapping.queueArn)),
      concurrency: Math.min(mapping.maximumConcurrency, options.maxQueueConcurrency ?? 5),
    }),
  );
  const stopSchedules = runSchedules({ ...model, invoke: functions.invoke });
  closers.push(async () => {
    stopSchedules();
    // Functions stop first, while the services they call still run.
    await Promise.all([...pollers.map((poller) => poller.close()), functions.close(GRACE_MS)]);
  });

  let closed: Promise<void> | undefined;
  return {
    api: gateway.url,
    ...endpoints,
    table: model.tables[0]?.name,
    bus: model.buses[0]?.name,
    credentials: key,
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
    return payload; // the whole of a streamed answer
  }
};
