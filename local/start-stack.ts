import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { withOwnKey } from './api-key.ts';
import type { AwsKey } from './aws/credentials.ts';
import { foreignEndpoints, isAllForeign } from './aws/foreign-services.ts';
import { type LocalAws, type StartAwsOptions, startAws } from './aws/start-aws.ts';
import type { Template } from './aws/template/intrinsics.ts';
import { type Closer, closeAll } from './closers.ts';
import {
  dataFolderId,
  holdDataFolder,
  keepFilesPrivate,
  markVersion,
  openDataFolder,
  writeWhole,
} from './data-folder.ts';
import { watchDisk } from './disk.ts';
import { type DropEvent, watchDropFolder } from './drop-folder.ts';
import { isObject, own, parseObject } from './json.ts';
import { startModels, startVectors } from './models-and-vectors.ts';
import { ownLanguageService, ownVectorService } from './outside-services.ts';
import { packageFunctions } from './package-functions.ts';
import { CALLER, functionSettings, type Settings, type UserVariables } from './settings.ts';
import { asStackError, StackError } from './stack-error.ts';
import type { StackFile } from './stack-file.ts';
import { visible } from './visible.ts';

/** The parts that are the user's own services, by their address or variable; all others run on this machine. */
export type Outside = {
  openai: string | undefined;
  embeddings: string | undefined;
  pinecone: string | undefined;
  aws: string[];
};

export type Stack = StackFile & { outside: Outside; defaultModel: string; close: () => Promise<void> };

export type StartOptions = Settings & {
  root: string;
  /** Gets each line with control characters escaped. */
  log: (line: string) => void;
  /** Called when a part is up. */
  onReady?: (part: string) => void;
  /** Called with the user's own services before the first request to them. */
  onOutside?: (outside: Outside) => void;
  /** Called with news of the drop folder. Names are as they are there, so show them by `visible`. */
  onDrop?: (event: DropEvent) => void;
  prepareTable?: StartAwsOptions['prepareTable'];
  functionEndpoints?: StartAwsOptions['functionEndpoints'];
};

const HEALTH_TIMEOUT_MS = 20_000;

/**
 * Starts all parts on 127.0.0.1 and resolves once `GET /health` answers 200 and `stack.json` is in the data folder.
 * A part for which the user set a key or an address is not started: theirs is used. When the start fails, all parts
 * started so far are stopped.
 *
 * @throws {StackError} with a remedy, for problems that the user can fix.
 *
 * @example
 * const stack = await startStack({ ...readSettings(root), root, log: console.error });
 * await fetch(`${stack.api}/health`);
 * await stack.close();
 */
export const startStack = async (options: StartOptions): Promise<Stack> => {
  const closers: Closer[] = [];
  try {
    return await start({ ...options, log: (line) => options.log(visible(line)) }, closers);
  } catch (error) {
    await closeAll(closers);
    throw asStackError(error, options.port);
  }
};

const start = async (options: StartOptions, closers: Closer[]): Promise<Stack> => {
  const { root, dataDir, variables, log, onReady = () => {} } = options;
  keepFilesPrivate();
  openDataFolder(dataDir);
  // Before the lock, which a full disk would refuse as if another stack had it.
  if (watchDisk(dataDir, { log: () => {} })() !== undefined)
    throw new StackError(
      `the disk of ${dataDir} is full: free some space, or set EVERYTOKEN_DATA_DIR to a folder on another one`,
    );
  closers.push(holdAlone(dataDir));
  markVersion(dataDir);
  const apiKeys = withOwnKey(variables.EVERYTOKEN_API_KEYS, CALLER);
  const functionsOwn = functionSettings(
    { ...variables, EVERYTOKEN_API_KEYS: apiKeys.list },
    dataFolderId(dataDir),
  );
  rmSync(join(dataDir, 'stack.json'), { force: true });
  const cache = join(root, 'node_modules', '.cache', 'everytoken');
  const outside = outsideOf(variables);
  options.onOutside?.(outside);

  const endpoints = foreignEndpoints(variables);
  const [packaged, models, vectors] = await allOrNone([
    packageFunctions(root, join(cache, 'packages')),
    startModels(options, join(cache, 'model'), closers),
    startVectors(options, closers),
  ]);
  onReady('model');
  onReady('pinecone');

  const aws = await startAws({
    template: packaged.template as Template,
    bundles: packaged.bundles,
    compileCache: packaged.compileCache,
    dataDir: join(dataDir, 'aws'),
    port: options.port,
    environment: { ...functionsOwn, ...models.environment, ...vectors.environment },
    endpoints,
    functionEndpoints: options.functionEndpoints,
    ...(options.prepareTable && { prepareTable: options.prepareTable }),
    warm: ['ApiLambdaFunction', 'GenerateHttpLambdaFunction', 'ReadLambdaFunction', 'PagesLambdaFunction'],
    log,
  });
  closers.push(aws.close);
  for (const part of ['dynamodb', 's3', 'queues']) onReady(part);
  closers.push(dropFolder(aws, options));

  await untilHealthy(aws.api);
  onReady('api');
  let closed: Promise<void> | undefined;
  // Resumes the work of a killed stack: its messages in flight may stay hidden for long.
  void aws.invoke('SweepLambdaFunction', { reconcile: 'all' }).catch((error) => {
    if (!closed) log(`sweep: ${error}`);
  });

  const file: StackFile = {
    api: aws.api,
    dashboard: aws.api,
    openai: models.openai,
    pinecone: vectors.pinecone,
    dynamodb: aws.dynamodb,
    s3: aws.s3,
    sqs: aws.sqs,
    events: aws.events,
    table: aws.table,
    bus: aws.bus,
    index: vectors.index,
    deployment: functionsOwn.DEPLOYMENT_ID,
    namespace: functionsOwn.PINECONE_NAMESPACE,
    buckets: aws.buckets,
    queues: aws.queues,
    credentials: {
      api: apiKeys.key,
      aws: isAllForeign(endpoints) ? null : keyInFile(aws.credentials),
      openai: models.apiKey,
      pinecone: vectors.apiKey,
    },
  };
  writeWhole(join(dataDir, 'stack.json'), file);
  const close = () => {
    // Removed while the folder is still locked, so that it cannot be the next stack's file.
    if (!closed) rmSync(join(dataDir, 'stack.json'), { force: true });
    closed ??= closeAll(closers);
    return closed;
  };
  const outsideFound = { ...outside, embeddings: models.outsideEmbeddings };
  return { ...file, outside: outsideFound, defaultModel: models.environment.DEFAULT_MODEL, close };
};

/** An access key as stack.json has it. */
const keyInFile = ({ accessKeyId, secretAccessKey }: AwsKey) => ({
  access_key_id: accessKeyId,
  secret_access_key: secretAccessKey,
});

/** Locks the folder before anything in it is changed, since a running stack may be using it. */
const holdAlone = (dataDir: string): (() => Promise<void>) => {
  try {
    return holdDataFolder(dataDir).close;
  } catch {
    throw new StackError(
      `the data folder ${dataDir} is in use by another stack: stop it, or set EVERYTOKEN_DATA_DIR to another folder`,
    );
  }
};

/** All results, or the first failure once all have settled, so that every part that started can be closed. */
const allOrNone = async <T extends readonly unknown[]>(
  starting: { [K in keyof T]: Promise<T[K]> },
): Promise<T> => {
  const settled = await Promise.allSettled(starting);
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return Promise.all(starting) as Promise<unknown> as Promise<T>;
};

const outsideOf = (variables: UserVariables): Outside => ({
  openai: ownLanguageService(variables)?.baseUrl,
  embeddings: variables.EMBEDDING_BASE_URL,
  pinecone: ownVectorService(variables) && (variables.PINECONE_CONTROLLER_HOST ?? 'https://api.pinecone.io'),
  aws: Object.keys(variables).filter((name) => name.startsWith('AWS_ENDPOINT_URL_')),
});

const dropFolder = (aws: LocalAws, { dataDir, onDrop = () => {}, variables }: StartOptions): Closer => {
  const [bucket] = Object.values(aws.buckets);
  if (bucket === undefined) return async () => {};
  const isOurs = variables.AWS_ENDPOINT_URL_S3 === undefined;
  const client = new S3Client({
    endpoint: aws.s3,
    forcePathStyle: true,
    ...(isOurs ? { region: 'us-east-1', credentials: aws.credentials } : {}),
  });
  return watchDropFolder({ client, bucket, dataDir, caller: CALLER, tell: onDrop }).close;
};

/** Polls `GET /health`, which covers all parts, until it answers 200. */
const untilHealthy = async (api: string): Promise<void> => {
  const end = performance.now() + HEALTH_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${api}/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    if (answer.status === 200) return;
    const text = await answer.text();
    // A function that does not load now will not load on a retry.
    if (answer.status === 502) throw new StackError('the functions do not start: see their errors above');
    if (performance.now() > end)
      throw new StackError(
        `not all parts answer after ${HEALTH_TIMEOUT_MS / 1000} s (${downIn(text)}): ` +
          'check the addresses and keys of your own services, or start again with --verbose',
      );
    // The function caches its answer for a while, so polling much faster would only read the cache.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
};

/** The parts that are down by an answer of `GET /health`. */
const downIn = (text: string): string => {
  const checks = parseObject(text)?.checks;
  const down = isObject(checks) ? Object.keys(checks).filter((part) => own(checks, part) !== 'ok') : [];
  return down.length > 0 ? `${down.join(', ')} down` : text.slice(0, 200);
};
