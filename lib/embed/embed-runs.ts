import { embeddingDiversityOf, normalisedMean } from '../diversity/embedding.ts';
import { purgeRun } from '../lifecycle/delete.ts';
import { type EmitDeps, emitQuietly } from '../lifecycle/emit.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { type Measurement, measured } from '../observe/metrics.ts';
import { aboutRun, aboutRuns } from '../runs/about-run.ts';
import { DUE } from '../runs/due.ts';
import { vectorId } from '../runs/keys.ts';
import type { ContentStore, RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { vectorMetadata } from '../vectors/metadata.ts';
import type { Embedder, VectorIndex, VectorRecord } from '../vectors/ports.ts';
import { type EmbeddedTexts, embedTexts } from './embed-texts.ts';
import { measureEmbeddings, timed } from './measured-embedder.ts';
import { loadWork, type RunGenerated, type Work } from './run-generated.ts';

export type EmbedDeps = EmitDeps & {
  runs: RunStore;
  content: ContentStore;
  embedder: Embedder;
  vectors: VectorIndex;
  namespace: (caller: string) => string;
  log: Log;
};

/**
 * Embeds generated runs, stores their vectors and completes the runs. All runs of a batch share the embeddings
 * requests, and runs of one namespace share the upserts. Returns the errors of the runs that could not be completed, by
 * run id; an error in one run does not affect the others, unless it is the service's. Safe to repeat, because vector
 * ids derive from run, index and chunk.
 *
 * @example
 * const failures = await embedRuns([parseRunGenerated(record.body)], deps);
 * if (failures.size > 0) throw failures.values().next().value; // SQS delivers the event again
 */
export const embedRuns = async (events: RunGenerated[], deps: EmbedDeps): Promise<Map<string, unknown>> => {
  const failures = new Map<string, unknown>();
  const traces = new Map(events.map(({ run_id, trace_id }) => [run_id, trace_id]));
  const about = (runId: string) => ({ run_id: runId, trace_id: traces.get(runId) });
  const attempt = async <T>(runId: string, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      failures.set(runId, error);
      deps.log.warn('embed.failed', { ...about(runId), ...errorFields(error) }, failuresOf(1));
      return undefined;
    }
  };

  const distinct = [...new Map(events.map((event) => [event.run_id, event])).values()];
  const loaded = await Promise.all(
    distinct.map((event) => attempt(event.run_id, () => loadWork(event, deps))),
  );
  const works = loaded.filter((work) => work !== undefined);
  const results = await embedAll(works, deps, (runId, error) => failures.set(runId, error));

  if (!results) return failures;
  const embedded: Embedded[] = [];
  let at = 0;
  for (const work of works) {
    const own = results.slice(at, at + work.pieces.length);
    at += work.pieces.length;
    await attempt(work.run.id, async () => {
      const vectors = own.map(({ vector, error }) => {
        if (error) throw error;
        return vector;
      });
      embedded.push({ work, vectors });
    });
  }
  const stored = await storeByNamespace(embedded, deps, (runId, error) => failures.set(runId, error));
  await Promise.all(
    stored.map(({ work, vectors }) => attempt(work.run.id, () => complete(work, vectors, deps))),
  );
  return failures;
};

const failuresOf = (runs: number): Measurement[] =>
  measured('everytoken.embed.failures', Array<number>(runs).fill(1));

/** Vectors of all pieces, in order; undefined when the embeddings service fails, which fails every run. */
const embedAll = async (
  works: Work[],
  deps: EmbedDeps,
  fail: (runId: string, error: unknown) => void,
): Promise<EmbeddedTexts['embedded'] | undefined> => {
  const { log, clock } = deps;
  const texts = works.flatMap(({ pieces }) => pieces.map(({ text }) => text));
  const about = aboutRuns(works.map(({ run }) => run));
  const startedAt = clock.monotonic();
  const { embedder, seen } = timed(deps.embedder, clock);
  try {
    const { embedded, tokens, requests } = await embedTexts(texts, embedder);
    if (requests > 0) {
      const duration_ms = Math.round(clock.monotonic() - startedAt);
      const fields = { ...about, texts: texts.length, requests, tokens, duration_ms };
      log.info('embeddings.created', fields, measureEmbeddings(embedder, seen));
    }
    return embedded;
  } catch (error) {
    log.warn('embed.service_failed', { ...about, ...errorFields(error) }, failuresOf(works.length));
    for (const { run } of works) fail(run.id, error);
    return undefined;
  }
};

type Embedded = { work: Work; vectors: Float32Array[] };

/** Upserts once for each namespace; a failed upsert fails all runs of its namespace. Returns the stored runs. */
const storeByNamespace = async (
  embedded: Embedded[],
  deps: EmbedDeps,
  fail: (runId: string, error: unknown) => void,
): Promise<Embedded[]> => {
  const groups = Map.groupBy(embedded, ({ work }) => deps.namespace(work.run.caller));
  const stored: Embedded[] = [];
  for (const [namespace, group] of groups) {
    const about = { ...aboutRuns(group.map(({ work }) => work.run)), namespace };
    const startedAt = deps.clock.monotonic();
    try {
      const records = group.flatMap(recordsOf);
      if (records.length > 0) {
        await deps.vectors.upsert(namespace, records);
        const duration_ms = Math.round(deps.clock.monotonic() - startedAt);
        deps.log.info('vectors.upserted', { ...about, vectors: records.length, duration_ms });
      }
      stored.push(...group);
    } catch (error) {
      deps.log.warn('upsert.failed', { ...about, ...errorFields(error) }, failuresOf(group.length));
      for (const { work } of group) fail(work.run.id, error);
    }
  }
  return stored;
};

const recordsOf = ({ work: { run, pieces }, vectors }: Embedded): VectorRecord[] =>
  pieces.flatMap(({ generation, model, chunk, text }, at) => {
    const values = vectors[at];
    if (!values) return [];
    return [
      {
        id: vectorId(run.id, generation.index, chunk),
        values,
        metadata: vectorMetadata({
          runId: run.id,
          model,
          generation,
          chunk: { index: chunk, text },
          createdAt: Date.parse(run.createdAt),
          metadata: run.metadata,
        }),
      },
    ];
  });

const complete = async (work: Work, vectors: Float32Array[], deps: EmbedDeps): Promise<void> => {
  const { run } = work;
  const completed = await deps.runs.change(
    run.id,
    {
      status: 'completed',
      diversity: diversityOf(work, vectors),
      pending: ['RunCompleted'],
      dueAt: deps.clock.now() + DUE.pending,
      dueTries: 0,
    },
    { status: ['generated'] },
  );
  if (!completed) {
    // The run was deleted since it was read, or completed by another delivery of the event.
    const current = await deps.runs.get(run.id);
    if (current?.status === 'deleted') await purgeRun(current, deps);
    return;
  }
  const fields = { ...aboutRun(run), vectors: vectors.length };
  deps.log.info('run.completed', fields, measured('everytoken.embed.failures', [0]));
  await emitQuietly(completed, deps);
};

/** An output with several chunks counts once, by the normalised mean of their vectors. */
const diversityOf = ({ run, pieces }: Work, vectors: Float32Array[]): Run['diversity'] => {
  const byOutput = new Map<number, { label: string; vectors: Float32Array[] }>();
  pieces.forEach(({ generation }, at) => {
    const output = byOutput.get(generation.index) ?? { label: generation.label, vectors: [] };
    const vector = vectors[at];
    if (vector) output.vectors.push(vector);
    byOutput.set(generation.index, output);
  });
  const means = [...byOutput.values()].flatMap(({ label, vectors: own }) => {
    const vector = normalisedMean(own);
    return vector ? [{ label, vector }] : [];
  });
  const diversityAmong = (label?: string) =>
    embeddingDiversityOf(
      means.filter((mean) => label === undefined || mean.label === label).map(({ vector }) => vector),
    );
  return {
    all: diversityAmong(),
    byLabel: Object.fromEntries(run.labels.map((label) => [label, diversityAmong(label)])),
  };
};
