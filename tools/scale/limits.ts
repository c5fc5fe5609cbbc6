import type { RunUsage } from './run-usage.ts';
import type { Workload } from './workload.ts';

/** How the template is set up; a test compares with serverless.yml. */
export type Setup = {
  /** Of the jobs mapping, which generates background runs and lines. */
  jobsConcurrency: number;
  embedConcurrency: number;
  embedBatchSize: number;
  /** Of the API's stage, in prod. */
  requestsPerSecond: number;
  dueShards: number;
};

/** Something that ends somewhere: how much of it one run a second uses, and how much there is. */
export type Limit = {
  what: string;
  /** In `unit`, for one run a second. */
  perRun: number;
  /** Undefined where it is a matter of the account. */
  limit: number | undefined;
  unit: string;
  lifts: string;
};

const SECONDS = 1_000;
const PARTITION_WRITES = 1_000;
const SECRET_AGE_S = 300;
const MB = 1_000_000;

/** Concurrency by Little's law: arrivals a second times seconds in the system. */
export const concurrencyOf = (perSecond: number, ms: number): number => (perSecond * ms) / SECONDS;

/** Every limit that the way of the workload meets, for one caller without a budget unless it says otherwise. */
export const limitsOf = (
  usage: RunUsage,
  budgetWrites: number,
  workload: Workload,
  setup: Setup,
): Limit[] => {
  const queued = workload.way === 'background' || workload.way === 'line';
  const concurrency = concurrencyOf(1, usage.generateMs + usage.embedMs);
  const embedPerBatch = usage.embedMs * setup.embedBatchSize;
  const all: (Limit | false)[] = [
    queued && {
      what: 'Jobs in hand: `workers`',
      perRun: concurrencyOf(1, usage.generateMs),
      limit: setup.jobsConcurrency,
      unit: 'invocations',
      lifts: 'more `workers` in serverless.yml (up to 1,000), as far as the model server allows',
    },
    {
      what: 'Embed batches in hand: `maximumConcurrency` of embed',
      perRun: concurrencyOf(1 / setup.embedBatchSize, embedPerBatch),
      limit: setup.embedConcurrency,
      unit: 'invocations',
      lifts:
        'a higher `maximumConcurrency` in serverless.yml; until then runs wait to be searchable, nothing else',
    },
    !queued && {
      what: 'Throttle of the API’s stage (prod)',
      perRun: usage.apiRequests,
      limit: setup.requestsPerSecond,
      unit: 'requests/s',
      lifts: '`--param="requestsPerSecond=…"` at deployment',
    },
    {
      what: 'Lambda concurrency of the account',
      perRun: concurrency,
      limit: 1_000,
      unit: 'environments',
      lifts: 'a quota increase (L-B99A9384); new accounts may have as few as 10',
    },
    {
      what: `Writes of one of the ${setup.dueShards} shards of the index \`due\``,
      perRun: usage.dueWrites / setup.dueShards,
      limit: PARTITION_WRITES,
      unit: 'units/s',
      lifts: 'more shards: `DUE_SHARDS` in lib/runs/due.ts, upwards only',
    },
    {
      what: 'Writes of one caller’s partition of the index `list`',
      perRun: usage.listWrites,
      limit: PARTITION_WRITES,
      unit: 'units/s',
      lifts: 'several callers (keys of different names)',
    },
    {
      what: 'Writes of one caller’s sum of the day, where it has a budget',
      perRun: budgetWrites,
      limit: PARTITION_WRITES,
      unit: 'units/s',
      lifts: 'several callers with a budget each, or none',
    },
    {
      what: 'Writes of the table with its indexes, by default',
      perRun: usage.tableWrites,
      limit: 40_000,
      unit: 'units/s',
      lifts:
        'a quota increase; a new table begins at 4,000 and follows what it meets, so warm it up before a start at more',
    },
    {
      what: 'S3 PUTs under one prefix of `outputs/`',
      perRun: usage.objectWrites,
      limit: 3_500,
      unit: 'requests/s',
      lifts: 'S3 itself splits prefixes under lasting load; until it has, 503s are tried again',
    },
    {
      what: 'EventBridge PutEvents, us-east-1',
      perRun: usage.eventRequests,
      limit: 10_000,
      unit: 'requests/s',
      lifts: 'a quota increase; other regions have less, down to some hundreds',
    },
    {
      what: 'EventBridge invocations of the rule’s target, us-east-1',
      perRun: 1,
      limit: 18_750,
      unit: 'events/s',
      lifts: 'a quota increase; beyond it events are late, not lost',
    },
    !queued && {
      what: 'API Gateway requests of the account',
      perRun: usage.apiRequests,
      limit: 10_000,
      unit: 'requests/s',
      lifts: 'a quota increase (L-8A5B8E43); some regions have 2,500',
    },
    {
      what: 'Parameter Store reads (each environment, each five minutes)',
      perRun: concurrency / SECRET_AGE_S,
      limit: 40,
      unit: 'requests/s',
      lifts:
        'higher throughput in the settings of Parameter Store (up to 10,000/s), which is paid by the request',
    },
    {
      what: 'Pinecone upserts into one namespace (a caller’s)',
      perRun: usage.vectorBytes,
      limit: 50 * MB,
      unit: 'bytes/s',
      lifts: 'several callers; 429s are tried again',
    },
    {
      what: 'Model server: requests',
      perRun: 60,
      limit: undefined,
      unit: 'requests/min',
      lifts: 'the tier of the account at the provider; several providers',
    },
    {
      what: 'Model server: tokens',
      perRun: 60 * (usage.promptTokens + usage.outputTokens),
      limit: undefined,
      unit: 'tokens/min',
      lifts: 'as above',
    },
    {
      what: 'Embeddings: requests',
      perRun: 60 / workload.embedBatch,
      limit: undefined,
      unit: 'requests/min',
      lifts: 'the tier of the account at the provider',
    },
  ];
  return all.filter((each) => each !== false);
};

/** Runs a second at which a limit is met. */
export const metAt = ({ perRun, limit }: Pick<Limit, 'perRun' | 'limit'>): number | undefined =>
  limit === undefined || perRun === 0 ? undefined : limit / perRun;

/** The limits in the order in which a growing rate meets them, those of the account last. */
export const inOrder = (limits: readonly Limit[]): Limit[] =>
  limits.toSorted((a, b) => (metAt(a) ?? Number.POSITIVE_INFINITY) - (metAt(b) ?? Number.POSITIVE_INFINITY));
