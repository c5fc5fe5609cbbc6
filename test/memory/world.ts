import { readBatchAnswer } from '../../lib/adapters/openai/batch-answer.ts';
import { makeBudget } from '../../lib/budget/budget.ts';
import type { PriceOf } from '../../lib/budget/charges.ts';
import { makeCreateEmbeddings } from '../../lib/embed/create-embeddings.ts';
import { parseRunGenerated, type RunGenerated } from '../../lib/embed/run-generated.ts';
import type { ExportMessage } from '../../lib/export/job.ts';
import { moveExport } from '../../lib/export/work.ts';
import { BATCH_LIMITS, type BatchLimits } from '../../lib/files/batch/input.ts';
import { FILE_LIMITS, type FileLimits } from '../../lib/files/limits.ts';
import { moveFile } from '../../lib/files/move-file.ts';
import type { CreatedObject } from '../../lib/files/read/intake.ts';
import type { Presign } from '../../lib/files/upload.ts';
import type { GenerateOne } from '../../lib/generate/generate-one.ts';
import { moveRun } from '../../lib/lifecycle/move-run.ts';
import { type DeploymentLimits, makeLimitsOf, UNLIMITED } from '../../lib/limits/caller-limits.ts';
import { makeInFlight } from '../../lib/limits/in-flight.ts';
import type { TokenPrice } from '../../lib/pricing/prices.ts';
import { listRuns } from '../../lib/runs/list/read.ts';
import type { DueItem, FileMessage, Job, ListQuery, MoveOptions } from '../../lib/runs/ports.ts';
import type { RequestDefaults } from '../../lib/runs/request.ts';
import { makeRouteOf, makeServer } from '../../lib/sampling/server.ts';
import { makeMarkUsage } from '../../lib/usage/mark.ts';
import { type MoveUsageDeps, moveUsage } from '../../lib/usage/move-usage.ts';
import { ownVectors } from '../../lib/vectors/own-vectors.ts';
import { namespaceOf } from '../../lib/vectors/ports.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeMemoryBatches } from './batches.ts';
import { makeMemoryCallerList } from './caller-list.ts';
import { makeMemoryClock } from './clock.ts';
import { etagOf, makeMemoryContent } from './content-store.ts';
import { makeMemoryConversations } from './conversations.ts';
import { makeMemoryDueIndex } from './due-index.ts';
import { makeMemoryEmbedder } from './embedder.ts';
import { makeMemoryBus } from './event-bus.ts';
import { makeMemoryExportStore } from './export-store.ts';
import { makeMemoryFileStore } from './file-store.ts';
import { makeMemoryIds } from './ids.ts';
import { makeMemoryKeyStore } from './key-store.ts';
import { makeMemoryLastSweep } from './last-sweep.ts';
import { makeMemoryLimits } from './limits.ts';
import { makeMemoryLog } from './log.ts';
import { makeMemoryQueue } from './queue.ts';
import { makeMemoryRunList } from './run-list.ts';
import { makeMemoryRunStore } from './run-store.ts';
import { makeMemorySpending } from './spending.ts';
import { makeMemoryStreamBlocks } from './stream-blocks.ts';
import { makeMemoryUsageStore } from './usage-store.ts';
import { makeMemoryVectorIndex, makeMemoryVectorList } from './vector-index.ts';

const BUCKET = 'content';

/** URLs that lead nowhere, but show their purpose. */
const memoryPresign: Presign = {
  put: async (key, { bytes }) => `memory:put/${encodeURI(key)}?bytes=${bytes}`,
  get: async (key) => `memory:get/${encodeURI(key)}`,
};

/** USD per million tokens. */
const PRICE: TokenPrice = {
  input: 0.1,
  cached: 0.01,
  output: 0.4,
  price: { source: 'genai-prices', as_of: '2026-11-01' },
};

/** All ports in memory; `deps` serves every use case. */
export const makeWorld = ({
  generateOne = makeGenerateOne(),
  retentionDays,
  usageKeys = [],
  embedder = makeMemoryEmbedder(),
  namespacePrefix = '',
  deployment = 'here',
  sharedVectors = makeMemoryVectorIndex({ dimension: embedder.dimensions }),
  priceOf = () => PRICE,
  limits = FILE_LIMITS,
  callerLimits = UNLIMITED,
  batchLimits = BATCH_LIMITS,
  remainingMs = () => 50_000,
  defaults = { model: 'gpt-6-luna' },
}: {
  generateOne?: GenerateOne;
  retentionDays?: number;
  usageKeys?: string[];
  embedder?: ReturnType<typeof makeMemoryEmbedder>;
  namespacePrefix?: string;
  deployment?: string;
  /** An index that other worlds use, too. */
  sharedVectors?: ReturnType<typeof makeMemoryVectorIndex>;
  priceOf?: PriceOf;
  defaults?: RequestDefaults;
  limits?: FileLimits;
  /** Limits of each caller; none by default. */
  callerLimits?: DeploymentLimits;
  batchLimits?: BatchLimits;
  remainingMs?: () => number;
} = {}) => {
  const clock = makeMemoryClock();
  const runs = makeMemoryRunStore();
  const list = makeMemoryRunList();
  const conversations = makeMemoryConversations();
  const streamBlocks = makeMemoryStreamBlocks();
  const totals = makeMemoryUsageStore();
  const files = makeMemoryFileStore();
  const exports = makeMemoryExportStore();
  const content = makeMemoryContent();
  const jobs = makeMemoryQueue<Job>(clock);
  const fileQueue = makeMemoryQueue<FileMessage>(clock);
  const exportQueue = makeMemoryQueue<ExportMessage>(clock);
  const embedQueue = makeMemoryQueue<string>(clock);
  const bus = makeMemoryBus((body) => embedQueue.send(body));
  const vectors = { ...ownVectors(sharedVectors, deployment), namespaces: sharedVectors.namespaces };
  const log = makeMemoryLog();
  const spending = makeMemorySpending();
  const { limits: limitStore, load } = makeMemoryLimits();
  const limitsOf = makeLimitsOf(limitStore, callerLimits, clock);
  const random = () => 0.5;
  const batchServer = makeMemoryBatches(clock);
  const dueIndex = makeMemoryDueIndex([runs, files, totals, exports]);
  const { routeOf = makeRouteOf(makeServer(''), new Map()) } = defaults;
  const budget = makeBudget({ ...spending, routeOf, priceOf, clock, log });
  const deps = {
    clock,
    sleep: clock.sleep,
    ids: makeMemoryIds(),
    runs,
    list,
    streamBlocks,
    conversations,
    listRuns: (query: ListQuery) => listRuns(query, { list, runs }),
    usageKeys,
    totals,
    callers: makeMemoryCallerList(),
    configuredCallers: [] as string[],
    lastSweep: makeMemoryLastSweep(),
    queueUrls: {},
    stage: null,
    depthsOf: async () => ({ visible: 0, inFlight: 0, delayed: 0 }),
    markUsage: makeMarkUsage({ totals, clock }),
    files,
    exports,
    content,
    readSource: content.readSource,
    findSource: content.findSource,
    jobs,
    fileQueue,
    exportQueue,
    bus,
    vectors,
    sharedVectors,
    vectorList: makeMemoryVectorList(sharedVectors),
    deployment,
    embedder,
    namespace: (caller: string) => namespaceOf(namespacePrefix, embedder.model, caller),
    earlierNamespace: (caller: string) => namespaceOf('', embedder.model, caller),
    generateOne,
    ...spending,
    priceOf,
    routeOf,
    embeddingPriceOf: () => PRICE,
    budget,
    createEmbeddings: makeCreateEmbeddings({ embedder, budget, clock, log, embeddingPriceOf: () => PRICE }),
    embeddingModel: { model: embedder.model, dimensions: embedder.dimensions },
    random,
    limitStore,
    load,
    limitsOf,
    workers: callerLimits.workers,
    inFlight: makeInFlight({ load, limitsOf, clock, sleep: clock.sleep, random, log }),
    presign: memoryPresign,
    keys: makeMemoryKeyStore(),
    batches: batchServer.port,
    batchAnswers: { read: readBatchAnswer, pricesOf: () => ({ priceOf: () => PRICE }) },
    log,
    bucket: BUCKET,
    defaults,
    retentionDays,
    dueIndex,
    remainingMs,
    limits,
    batchLimits,
  };
  let sequence = 0;
  return {
    ...deps,
    batchServer,
    deps: { ...deps, movers: moversOf(deps) },
    embedQueue,
    /** Puts a prompt file and returns the event that S3 would send. */
    drop: (key: string, body: string | Uint8Array): CreatedObject => {
      const bytes = Buffer.from(body);
      content.objects.set(key, bytes);
      const sequencer = (0x55aed6dcd90281e5n + BigInt(++sequence))
        .toString(16)
        .toUpperCase()
        .padStart(18, '0');
      return { bucket: BUCKET, key, etag: etagOf(bytes), size: bytes.length, sequencer };
    },
    /** Every RunGenerated that was sent, as parsed by embed. */
    generatedEvents: (): RunGenerated[] =>
      bus.events
        .filter(({ type }) => type === 'RunGenerated')
        .map(({ type, detail }) =>
          parseRunGenerated(JSON.stringify({ source: 'everytoken', 'detail-type': type, detail })),
        ),
    /** Ids of all vectors, by namespace. */
    vectorIds: (): Record<string, string[]> =>
      Object.fromEntries(
        [...vectors.namespaces].map(([name, records]) => [name, [...records.keys()].sort()]),
      ),
  };
};

export type World = ReturnType<typeof makeWorld>;

type MoverDeps = Parameters<typeof moveRun>[1] &
  Parameters<typeof moveFile>[1] &
  Parameters<typeof moveExport>[1] &
  MoveUsageDeps;

export const moversOf = (deps: MoverDeps) => ({
  RUN: (item: DueItem, options: MoveOptions) => moveRun(item, deps, options),
  FILE: (item: DueItem) => moveFile(item, deps),
  EXPORT: (item: DueItem) => moveExport(item, deps),
  USAGE: (item: DueItem) => moveUsage(item, deps),
});
