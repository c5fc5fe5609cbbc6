import { LOAD_WRITES, type RunUsage } from './run-usage.ts';
import type { Workload } from './workload.ts';

/** The settings of serverless.yml that limit the rate. `setupOf` reads them. */
export type Setup = {
  /** The maximum concurrency of the jobs mapping, which generates background runs and lines of files. */
  jobsConcurrency: number;
  embedConcurrency: number;
  embedBatchSize: number;
  /** The throttle of the API's stage in prod. */
  requestsPerSecond: number;
  dueShards: number;
  listShards: number;
};

/** A limited resource: the amount that one run a second uses, and the amount available. */
export type Limit = {
  what: string;
  /** The use in `unit` at one run a second. */
  perRun: number;
  /** The available amount in `unit`; undefined where it depends on the account. */
  limit: number | undefined;
  unit: string;
  /** How to raise the limit. */
  lifts: string;
};

const SECONDS = 1_000;
const PARTITION_WRITES = 1_000;
const SECRET_AGE_S = 300;
const MB = 1_000_000;

/** Concurrency by Little's law: arrivals per second times seconds in the system. */
export const concurrencyOf = (perSecond: number, ms: number): number => (perSecond * ms) / SECONDS;

/** All limits that apply to the workload's way of making runs, for one caller, without a budget unless stated. */
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
      what: 'Jobs in flight: `workers`',
      perRun: concurrencyOf(1, usage.generateMs),
      limit: setup.jobsConcurrency,
      unit: 'invocations',
      lifts: 'more `workers` in serverless.yml (up to 1,000), as far as the model server allows',
    },
    {
      what: 'Embed batches in flight: `maximumConcurrency` of embed',
      perRun: concurrencyOf(1 / setup.embedBatchSize, embedPerBatch),
      limit: setup.embedConcurrency,
      unit: 'invocations',
      lifts:
        'a higher `maximumConcurrency` in serverless.yml; until then runs become searchable later, and nothing else waits',
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
      lifts: 'more shards: `npx everytoken table shards --due N`',
    },
    {
      what: `Writes of one of the ${setup.listShards} shards of one caller’s list of runs`,
      perRun: usage.listWrites / setup.listShards,
      limit: PARTITION_WRITES,
      unit: 'units/s',
      lifts:
        'more shards: `npx everytoken table shards --list N`; or several callers (keys of different names)',
    },
    {
      what: 'Writes of one caller’s daily spend, if it has a budget',
      perRun: budgetWrites,
      limit: PARTITION_WRITES,
      unit: 'units/s',
      lifts: 'several callers with a budget each, or no budget',
    },
    {
      what: 'Writes of one caller’s runs in flight, above an eighth of its limit',
      perRun: LOAD_WRITES,
      limit: PARTITION_WRITES,
      unit: 'units/s',
      lifts:
        'several callers; a higher limit (`directRuns`), below an eighth of which a direct run takes 0.5; or `keptForOthersPercent=0`, with which runs in flight are not counted',
    },
    {
      what: 'Writes of the table with its indexes, by default',
      perRun: usage.tableWrites,
      limit: 40_000,
      unit: 'units/s',
      lifts:
        'a quota increase; a new table starts at 4,000 and scales with its traffic, so warm it up before a launch at more',
    },
    {
      what: 'S3 PUTs under one prefix of `outputs/`',
      perRun: usage.objectWrites,
      limit: 3_500,
      unit: 'requests/s',
      lifts: 'S3 splits prefixes by itself under sustained load; until then 503s are retried',
    },
    {
      what: 'EventBridge PutEvents, us-east-1',
      perRun: usage.eventRequests,
      limit: 10_000,
      unit: 'requests/s',
      lifts: 'a quota increase; other regions have less, down to a few hundred',
    },
    {
      what: 'EventBridge invocations of the rule’s target, us-east-1',
      perRun: 1,
      limit: 18_750,
      unit: 'events/s',
      lifts: 'a quota increase; above the limit events are delayed, not lost',
    },
    !queued && {
      what: 'API Gateway requests of the account',
      perRun: usage.apiRequests,
      limit: 10_000,
      unit: 'requests/s',
      lifts: 'a quota increase (L-8A5B8E43); some regions have 2,500',
    },
    {
      what: 'Parameter Store reads (one per environment every five minutes)',
      perRun: concurrency / SECRET_AGE_S,
      limit: 40,
      unit: 'requests/s',
      lifts: 'higher throughput in the settings of Parameter Store (up to 10,000/s), billed per request',
    },
    {
      what: 'Pinecone upserts into one namespace (a caller’s)',
      perRun: usage.vectorBytes,
      limit: 50 * MB,
      unit: 'bytes/s',
      lifts: 'several callers; 429s are retried',
    },
    {
      what: 'Model server: requests',
      perRun: 60,
      limit: undefined,
      unit: 'requests/min',
      lifts: 'a higher account tier at the provider; several providers',
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
      lifts: 'a higher account tier at the provider',
    },
  ];
  return all.filter((each) => each !== false);
};

/** The rate in runs a second that reaches a limit; undefined where no rate does, or the account decides. */
export const metAt = ({ perRun, limit }: Pick<Limit, 'perRun' | 'limit'>): number | undefined =>
  limit === undefined || perRun === 0 ? undefined : limit / perRun;

/** The limits in the order in which a growing rate reaches them; those that depend on the account are last. */
export const inOrder = (limits: readonly Limit[]): Limit[] =>
  limits.toSorted((a, b) => (metAt(a) ?? Number.POSITIVE_INFINITY) - (metAt(b) ?? Number.POSITIVE_INFINITY));
