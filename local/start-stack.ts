import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { localCredentials } from './aws/credentials.ts';
import { foreignEndpoints } from './aws/foreign-services.ts';
import { type LocalAws, type StartAwsOptions, startAws } from './aws/start-aws.ts';
import type { Template } from './aws/template/intrinsics.ts';
import { type Closer, closeAll } from './closers.ts';
import { holdDataFolder, openDataFolder, writeWhole } from './data-folder.ts';
import { watchDropFolder } from './drop-folder.ts';
import { startModels, startVectors } from './models-and-vectors.ts';
import { ownLanguageService, ownVectorService } from './outside-services.ts';
import { packageFunctions } from './package-functions.ts';
import { CALLER, functionSettings, type Settings, type UserVariables } from './settings.ts';
import { inOneLine, StackError } from './stack-error.ts';

/** What a stack's `stack.json` holds: addresses, and the names of what is at them. */
export type StackFile = {
  api: string;
  dashboard: string;
  openai: string;
  pinecone: string;
  dynamodb: string;
  s3: string;
  sqs: string;
  events: string;
  table: string | undefined;
  bus: string | undefined;
  index: string;
  buckets: Record<string, string>;
  queues: Record<string, string>;
};

/** Which parts are the user's own services; the others are of this machine. */
export type Outside = {
  openai: string | undefined;
  embeddings: string | undefined;
  pinecone: string | undefined;
  aws: string[];
};

export type Stack = StackFile & { outside: Outside; defaultModel: string; close: () => Promise<void> };

export type StartOptions = Settings & {
  root: string;
  log: (line: string) => void;
  /** Told when a part is up. */
  onReady?: (part: string) => void;
  /** Told which services are the user's own, before anything is asked of them. */
  onOutside?: (outside: Outside) => void;
  functionEndpoints?: StartAwsOptions['functionEndpoints'];
};

const HEALTH_LIMIT_MS = 20_000;

/**
 * Starts everything on 127.0.0.1 and resolves when `GET /health` is 200; `stack.json` is in the data folder then.
 * A part for which the user gave a key or an address is theirs, and none of ours starts. Throws `StackError` with
 * the remedy for what a user can mend; whatever was started by then is ended.
 */
export const startStack = async (options: StartOptions): Promise<Stack> => {
  const closers: Closer[] = [];
  try {
    return await start(options, closers);
  } catch (error) {
    await closeAll(closers);
    throw inOneLine(error, options.port);
  }
};

const start = async (options: StartOptions, closers: Closer[]): Promise<Stack> => {
  const { root, dataDir, variables, log, onReady = () => {} } = options;
  openDataFolder(dataDir);
  closers.push(holdAlone(dataDir));
  rmSync(join(dataDir, 'stack.json'), { force: true });
  const cache = join(root, 'node_modules', '.cache', 'everytoken');
  const outside = outsideOf(variables);
  options.onOutside?.(outside);

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
    dataDir: join(dataDir, 'aws'),
    port: options.port,
    environment: { ...functionSettings(variables), ...models.environment, ...vectors.environment },
    endpoints: foreignEndpoints(variables),
    functionEndpoints: options.functionEndpoints,
    warm: ['ApiLambdaFunction', 'GenerateHttpLambdaFunction'],
    log,
  });
  closers.push(aws.close);
  for (const part of ['dynamodb', 's3', 'queues']) onReady(part);
  closers.push(dropFolder(aws, options));

  await untilHealthy(aws.api);
  onReady('api');
  let closed: Promise<void> | undefined;
  // Whatever the last run left behind goes on: messages that were in flight when it was killed stay hidden for long.
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
    buckets: aws.buckets,
    queues: aws.queues,
  };
  writeWhole(join(dataDir, 'stack.json'), file);
  const close = () => {
    // First, while the folder is still held: the next stack's file is not this one's to remove.
    if (!closed) rmSync(join(dataDir, 'stack.json'), { force: true });
    closed ??= closeAll(closers);
    return closed;
  };
  const outsideFound = { ...outside, embeddings: models.outsideEmbeddings };
  return { ...file, outside: outsideFound, defaultModel: models.environment.DEFAULT_MODEL, close };
};

/** Before anything in the folder is touched: what is there may belong to a stack that runs. */
const holdAlone = (dataDir: string): (() => Promise<void>) => {
  try {
    return holdDataFolder(dataDir).close;
  } catch {
    throw new StackError(
      `the data folder ${dataDir} is in use by another stack: stop it, or set EVERYTOKEN_DATA_DIR to another folder`,
    );
  }
};

/** All results, or the first failure once all have settled: what was still starting is then known and can be ended. */
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

const dropFolder = (aws: LocalAws, { dataDir, log, variables }: StartOptions): Closer => {
  const [bucket] = Object.values(aws.buckets);
  if (bucket === undefined) return async () => {};
  const isOurs = variables.AWS_ENDPOINT_URL_S3 === undefined;
  const client = new S3Client({
    endpoint: aws.s3,
    forcePathStyle: true,
    ...(isOurs ? { region: 'us-east-1', credentials: localCredentials } : {}),
  });
  return watchDropFolder({ client, bucket, dataDir, caller: CALLER, log }).close;
};

/** The functions answer for all parts together, so this asks them until they do. */
const untilHealthy = async (api: string): Promise<void> => {
  const end = performance.now() + HEALTH_LIMIT_MS;
  for (;;) {
    const answer = await fetch(`${api}/health`, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) });
    if (answer.status === 200) return;
    const text = await answer.text();
    // A function that does not load will not the next time either.
    if (answer.status === 502) throw new StackError('the functions do not start: they say why above');
    if (performance.now() > end) throw new StackError(`not all parts are up: ${text.slice(0, 500)}`);
    // The answer is kept for a while by the function, so asking much sooner would only hear it again.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
};
