import { SAMPLED } from '../../lib/limits/in-flight.ts';
import type { Counts, Measured } from './measured.ts';
import { templatesOf } from './simulate/demand.ts';
import { generationMs, type Workload } from './workload.ts';
import { RECORDINGS } from './writes/recorded.ts';

/** The use of each service by one run, in billed units. */
export type RunUsage = {
  /** Time in the generate functions (intake included) and in embed, in ms. */
  generateMs: number;
  /** The part of `generateMs` that is own processor time, with the memory of today. */
  ownGenerateMs: number;
  embedMs: number;
  invocations: number;
  apiRequests: number;
  tableWrites: number;
  tableReads: number;
  /** The parts of `tableWrites` for the index `due`, and for the caller's list of runs. */
  dueWrites: number;
  listWrites: number;
  objectWrites: number;
  objectReads: number;
  objectBytes: number;
  queueRequests: number;
  events: number;
  eventRequests: number;
  eventBytes: number;
  logBytes: number;
  bytesOut: number;
  vectors: number;
  vectorBytes: number;
  vectorWrites: number;
  promptTokens: number;
  outputTokens: number;
  embeddingTokens: number;
};

const BYTES_PER_TOKEN = 5; // of English prose, rounded up
const CHUNK_BYTES = 2_000;
const FEWEST_VECTOR_UNITS = 5;
const RENEWAL_MS = 20_000;
/** A lease renewal writes the run item, and leaves the index alone. */
const RENEWAL_WRITES = 1;
const LEASE_MS = 60_000;
/** The sweep meets a run once its first lease should have ended, and moves its entry of the index `due`. */
const SWEPT_WRITES = { table: 1, due: 2 };
const ACCESS_LOG_BYTES = 450;
/** A run that is counted among its caller's runs in flight takes one write when it begins and one when it ends. */
export const LOAD_WRITES = 2;
/**
 * Each run was measured with these writes, because the measured stack's limit is small. Direct runs far from their limit
 * are sampled, after a read of the count.
 */
const SAMPLED_LOAD = { writes: LOAD_WRITES / SAMPLED - LOAD_WRITES, reads: 1 };
/** The counts that differ between embed batches of one and full ones. */
const EMBED_COUNTS = /^(?:lambda\.embed\.|sqs\.polled|pinecone\.|logs\.|embedding\.|upsert\.)/;

const countOf = (counts: Counts, name: string): number => counts[name] ?? 0;
const sum = (counts: Counts, pattern: RegExp): number =>
  Object.entries(counts).reduce((total, [name, count]) => total + (pattern.test(name) ? count : 0), 0);

/** The measured usage of a run, recalculated for the workload's tokens, times and embed batches. */
export const runUsage = (measured: Measured, workload: Workload): RunUsage => {
  const { way, outputTokens, promptTokens, embedBatch } = workload;
  const counts = batched(measured, workload);
  const modelMs = generationMs(workload);
  const renewals = Math.floor(modelMs / RENEWAL_MS);
  const swept = Math.floor(modelMs / LEASE_MS);
  const lengthRatio = outputTokens / countOf(counts, 'generation.completionTokens');
  const callMs = workload.awsCallMs;
  const ownMs = sum(counts, /^lambda\.(?:generate\w+|intake)\.ms$/) - countOf(counts, 'generation.ms');
  const ownEmbedMs =
    countOf(counts, 'lambda.embed.ms') - countOf(counts, 'embedding.ms') - countOf(counts, 'upsert.ms');
  const calls = callsOf(counts);
  const generateCalls = callsOf(measured.unindexed) + Math.max(0, calls - callsOf(measured.whole));
  const vectors = Math.max(1, Math.ceil((outputTokens * BYTES_PER_TOKEN) / CHUNK_BYTES));
  const vectorBytes = vectors * countOf(counts, 'pinecone.bytes');
  const requests = way === 'line' ? 0 : 1;
  const load = way === 'whole' || way === 'stream' ? SAMPLED_LOAD : { writes: 0, reads: 0 };
  const dueWrites = countOf(counts, 'dynamodb.writeUnits.due') + swept * SWEPT_WRITES.due;
  const runWrites = renewals * RENEWAL_WRITES + swept * SWEPT_WRITES.table;
  return {
    generateMs: Math.max(0, ownMs) + modelMs + generateCalls * callMs,
    ownGenerateMs: Math.max(0, ownMs),
    embedMs:
      Math.max(0, ownEmbedMs) +
      (workload.embeddingsMs + workload.upsertMs) / embedBatch +
      (calls - generateCalls) * callMs,
    invocations: sum(counts, /^lambda\.\w+\.invocations$/),
    apiRequests: requests,
    tableWrites:
      countOf(counts, 'dynamodb.writeUnits.table') +
      countOf(counts, 'dynamodb.writeUnits.list') +
      runWrites +
      load.writes +
      dueWrites,
    tableReads: sum(counts, /^dynamodb\.readUnits\./) + load.reads,
    dueWrites,
    listWrites: recordedUnits(way, /^table LIST#/),
    objectWrites: sum(counts, /^s3\.(?:put|list|post)$/),
    objectReads: sum(counts, /^s3\.(?:get|head)$/),
    objectBytes: countOf(counts, 's3.bytesPut') * lengthRatio,
    // The messages that EventBridge and S3 send are billed as queue requests too.
    queueRequests:
      sum(counts, /^sqs\.(?:Send\w+|polled)$/) +
      countOf(counts, 'sqs.messages.EmbedQueue') +
      countOf(counts, 'sqs.messages.IntakeQueue'),
    events: countOf(counts, 'events.put'),
    eventRequests: countOf(counts, 'events.requests'),
    eventBytes: countOf(counts, 'events.bytes'),
    logBytes: countOf(counts, 'logs.bytes') + requests * ACCESS_LOG_BYTES,
    bytesOut: countOf(counts, 'http.bytes') * lengthRatio,
    vectors,
    vectorBytes,
    vectorWrites: Math.max(FEWEST_VECTOR_UNITS / embedBatch, Math.ceil(vectorBytes / 1_024)),
    promptTokens,
    outputTokens,
    embeddingTokens: outputTokens,
  };
};

/** The units that a run was recorded to take from the partition keys of these names. */
const recordedUnits = (way: Workload['way'], name: RegExp): number =>
  [...templatesOf(RECORDINGS.now[way], RECORDINGS.now.shards).values()]
    .filter((template) => name.test(template.name))
    .reduce((total, { unitsPerRun }) => total + unitsPerRun, 0);

/**
 * The measured counts for the workload's embed batch. `whole` and `stream` were measured with full batches, of 50, the
 * other ways with batches of one; the counts of the other size are derived from `whole` and `alone`.
 */
const batched = (measured: Measured, { way, embedBatch }: Workload): Counts => {
  const { whole, alone } = measured;
  const counts = measured[way];
  const isFull = way === 'whole' || way === 'stream';
  const isWanted = isFull === embedBatch > 1;
  if (isWanted) return counts;
  const [from, to] = isFull ? [whole, alone] : [alone, whole];
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [
      name,
      EMBED_COUNTS.test(name) ? Math.max(0, count + countOf(to, name) - countOf(from, name)) : count,
    ]),
  );
};

/** The number of requests that the functions send to AWS. */
const callsOf = (counts: Counts): number =>
  sum(counts, /^(?:dynamodb\.[A-Z]\w+|s3\.(?:put|get|head|list|post|delete)|events\.requests|sqs\.Send\w+)$/);
