import type { Counts, Measured } from './measured.ts';
import { generationMs, type Workload } from './workload.ts';

/** What one run uses of each service, as it is billed. */
export type RunUsage = {
  /** Time in generate (both functions) and in embed, in ms; intake's is in generate's. */
  generateMs: number;
  embedMs: number;
  invocations: number;
  apiRequests: number;
  tableWrites: number;
  tableReads: number;
  /** Of the writes, those of the two indexes. */
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
/** A renewed lease is a write of RUN, and of the due index twice, since its key changes. */
const RENEWAL_WRITES = { table: 1, due: 2 };
const ACCESS_LOG_BYTES = 450;
/** What differs between an embed batch of one and of ten; the rest of a run is the same. */
const OF_EMBED = /^(?:lambda\.embed\.|sqs\.polled|pinecone\.|logs\.|embedding\.|upsert\.)/;

const of = (counts: Counts, name: string): number => counts[name] ?? 0;
const sum = (counts: Counts, pattern: RegExp): number =>
  Object.entries(counts).reduce((total, [name, count]) => total + (pattern.test(name) ? count : 0), 0);

/** The measured run of a way with other tokens, times and batches put in place of those measured. */
export const runUsage = (measured: Measured, workload: Workload): RunUsage => {
  const { way, outputTokens, promptTokens, embedBatch } = workload;
  const counts = batched(measured, workload);
  const modelMs = generationMs(workload);
  const renewals = Math.floor(modelMs / RENEWAL_MS);
  const longer = outputTokens / of(counts, 'generation.completionTokens');
  const callMs = workload.awsCallMs;
  const ownMs = sum(counts, /^lambda\.(?:generate\w+|intake)\.ms$/) - of(counts, 'generation.ms');
  const ownEmbedMs = of(counts, 'lambda.embed.ms') - of(counts, 'embedding.ms') - of(counts, 'upsert.ms');
  const calls = callsOf(counts);
  const generateCalls = callsOf(measured.unindexed) + Math.max(0, calls - callsOf(measured.whole));
  const vectors = Math.max(1, Math.ceil((outputTokens * BYTES_PER_TOKEN) / CHUNK_BYTES));
  const vectorBytes = vectors * of(counts, 'pinecone.bytes');
  const requests = way === 'line' ? 0 : 1;
  const dueWrites = of(counts, 'dynamodb.writeUnits.due') + renewals * RENEWAL_WRITES.due;
  const listWrites = of(counts, 'dynamodb.writeUnits.list');
  return {
    generateMs: Math.max(0, ownMs) + modelMs + generateCalls * callMs,
    embedMs:
      Math.max(0, ownEmbedMs) +
      (workload.embeddingsMs + workload.upsertMs) / embedBatch +
      (calls - generateCalls) * callMs,
    invocations: sum(counts, /^lambda\.\w+\.invocations$/),
    apiRequests: requests,
    tableWrites:
      of(counts, 'dynamodb.writeUnits.table') + renewals * RENEWAL_WRITES.table + dueWrites + listWrites,
    tableReads: sum(counts, /^dynamodb\.readUnits\./),
    dueWrites,
    listWrites,
    objectWrites: sum(counts, /^s3\.(?:put|list|post)$/),
    objectReads: sum(counts, /^s3\.(?:get|head)$/),
    objectBytes: of(counts, 's3.bytesPut') * longer,
    // EventBridge's and S3's own sends are requests to the queue as well.
    queueRequests:
      sum(counts, /^sqs\.(?:Send\w+|polled)$/) +
      of(counts, 'sqs.messages.EmbedQueue') +
      of(counts, 'sqs.messages.IntakeQueue'),
    events: of(counts, 'events.put'),
    eventRequests: of(counts, 'events.requests'),
    eventBytes: of(counts, 'events.bytes'),
    logBytes: of(counts, 'logs.bytes') + requests * ACCESS_LOG_BYTES,
    bytesOut: of(counts, 'http.bytes') * longer,
    vectors,
    vectorBytes,
    vectorWrites: Math.max(FEWEST_VECTOR_UNITS / embedBatch, Math.ceil(vectorBytes / 1_024)),
    promptTokens,
    outputTokens,
    embeddingTokens: outputTokens,
  };
};

/** Runs of the queue were measured one at a time; under load embed takes as many as its batch holds. */
const batched = (measured: Measured, { way, embedBatch }: Workload): Counts => {
  const { whole, alone } = measured;
  const counts = measured[way];
  const isTen = way === 'whole' || way === 'stream';
  const isWanted = isTen === embedBatch > 1;
  if (isWanted) return counts;
  const [from, to] = isTen ? [whole, alone] : [alone, whole];
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [
      name,
      OF_EMBED.test(name) ? Math.max(0, count + of(to, name) - of(from, name)) : count,
    ]),
  );
};

/** Requests of functions to AWS. */
const callsOf = (counts: Counts): number =>
  sum(counts, /^(?:dynamodb\.[A-Z]\w+|s3\.(?:put|get|head|list|post|delete)|events\.requests|sqs\.Send\w+)$/);
