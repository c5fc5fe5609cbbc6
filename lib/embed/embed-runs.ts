import { inBatches } from '../async/in-batches.ts';
import { NOTHING, type Spent } from '../budget/amount.ts';
import { embeddingDiversityOf, normalisedMean } from '../diversity/embedding.ts';
import { EverytokenError, OverBudgetError } from '../errors.ts';
import { type PurgeDeps, purgeRun } from '../lifecycle/delete.ts';
import { dueAfterEvents, type EmitDeps, runEvent } from '../lifecycle/emit.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { type Measurement, measured } from '../observe/metrics.ts';
import { aboutRun, aboutRuns } from '../runs/about-run.ts';
import { DUE } from '../runs/due.ts';
import { enterEnd } from '../runs/list/entry.ts';
import type { RunStore } from '../runs/ports.ts';
import type { Reservation, Run } from '../runs/run.ts';
import type { Embedder } from '../vectors/ports.ts';
import {
  beginAttempt,
  countFailure,
  deleteVectors,
  giveAttemptBack,
  holdForBudget,
  isOutputLost,
} from './attempts.ts';
import {
  allBytesOf,
  type ChargeDeps,
  chargedWith,
  isUnbilled,
  reserveTexts,
  shareOf,
} from './charge-embeddings.ts';
import { type EmbeddedTexts, embedTexts } from './embed-texts.ts';
import { measureEmbeddings, timed } from './measured-embedder.ts';
import { loadWork, type RunGenerated, type Work } from './run-generated.ts';
import { type Embedded, storeVectors } from './store-vectors.ts';

export type EmbedDeps = EmitDeps &
  ChargeDeps &
  PurgeDeps & {
    runs: RunStore;
    embedder: Embedder;
    log: Log;
  };

/** From its second counted attempt on, a run is embedded alone, so that it can take no other run along. */
const MAX_TOGETHER = 1;

/** Outputs are read with their token timelines, which take far more memory than the texts that are kept of them. */
const LOADED_AT_ONCE = 10;

/** Reports the error of one run; `isOwn` when the run caused it, and not a service or its message. */
type Fail = (run: Run, error: unknown, isOwn?: boolean) => void;

/**
 * Embeds generated runs, stores their vectors and completes the runs. All runs of a batch share the embeddings
 * requests, and runs of one namespace share the upserts. Returns the errors of the runs that could not be completed, by
 * run id; an error in one run does not affect the others, unless it is the service's. Safe to repeat, because vector
 * ids derive from run, index and chunk. A run whose own attempts have failed five times ends as `failed`, with its
 * texts, and is no error then.
 *
 * @example
 * const failures = await embedRuns([parseRunGenerated(record.body)], deps);
 * if (failures.size > 0) throw failures.values().next().value; // SQS delivers the event again
 */
export const embedRuns = async (events: RunGenerated[], deps: EmbedDeps): Promise<Map<string, unknown>> => {
  const failures = new Map<string, unknown>();
  const distinct = [...new Map(events.map((event) => [event.run_id, event])).values()];
  const works = (await inBatches(distinct, LOADED_AT_ONCE, (event) => load(event, deps, failures))).filter(
    (work) => work !== undefined,
  );
  const isSuspect = ({ run }: Work) => run.embedAttempts > MAX_TOGETHER;
  const groups = [works.filter((work) => !isSuspect(work)), ...works.filter(isSuspect).map((work) => [work])];
  let outage: unknown;
  for (const group of groups) {
    if (outage === undefined) outage = await embedTogether(group, deps, failures);
    else for (const { run } of group) failures.set(run.id, outage);
  }
  return failures;
};

const load = async (
  event: RunGenerated,
  deps: EmbedDeps,
  failures: Map<string, unknown>,
): Promise<Work | undefined> => {
  try {
    return await loadWork(event, deps);
  } catch (error) {
    failures.set(event.run_id, error);
    const about = { run_id: event.run_id, trace_id: event.trace_id };
    deps.log.warn('embed.failed', { ...about, ...errorFields(error) }, failuresOf(1));
    if (isOutputLost(error)) await endLost(event.run_id, error, deps, failures);
    return undefined;
  }
};

const endLost = async (
  runId: string,
  error: EverytokenError,
  deps: EmbedDeps,
  failures: Map<string, unknown>,
): Promise<void> => {
  try {
    const run = await deps.runs.get(runId);
    if (run && (await countFailure(run, error, deps))) failures.delete(runId);
  } catch (failure) {
    failures.set(runId, failure);
  }
};

/** Embeds runs in shared requests. Returns the error of a service that fails for every run. */
const embedTogether = async (
  group: Work[],
  deps: EmbedDeps,
  failures: Map<string, unknown>,
): Promise<unknown> => {
  const refused = new Map<Run, EverytokenError>();
  const unserved: Run[] = [];
  const fail: Fail = (run, error, isOwn = false) => {
    // The index refused it, and failed for the others after that.
    if (refused.has(run)) return;
    failures.set(run.id, error);
    if (isOwn && error instanceof EverytokenError) refused.set(run, error);
    else unserved.push(run);
  };
  const attempt = async <T>(run: Run, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      failures.set(run.id, error);
      deps.log.warn('embed.failed', { ...aboutRun(run), ...errorFields(error) }, failuresOf(1));
      return undefined;
    }
  };
  const charges: Charges = new Map();
  const begun = await Promise.all(group.map((work) => attempt(work.run, () => begin(work, charges, deps))));
  const works = group.filter((_, at) => begun[at]);
  const { embedded, outage, tokens } = await embedAll(works, deps, fail);
  await settleCharges(works, { charges, outage, tokens }, deps);
  const startedAt = deps.clock.monotonic();
  const stored = await storeByNamespace(embedded, deps, fail);
  const upsertMs = Math.round(deps.clock.monotonic() - startedAt);
  const ended = await Promise.all(
    stored.map(({ work, vectors }) => attempt(work.run, () => complete(work, vectors, charges, deps))),
  );
  logCompleted(
    stored.filter((_, at) => ended[at]),
    upsertMs,
    deps,
  );
  await Promise.all([
    ...unserved.map((run) => giveAttemptBack(run, deps)),
    ...[...refused].map(([run, error]) =>
      attempt(run, async () => {
        if (await countFailure(run, error, deps)) failures.delete(run.id);
      }),
    ),
  ]);
  return outage;
};

/** One line for all runs, since each line about one has more of names than of figures. */
const logCompleted = (completed: Embedded[], upsertMs: number, { log }: EmbedDeps): void => {
  if (completed.length === 0) return;
  const runs = completed.map(({ work }) => work.run);
  const vectors = completed.reduce((sum, own) => sum + own.vectors.length, 0);
  const fields = { ...aboutRuns(runs), vectors, upsert_ms: upsertMs };
  log.info('runs.completed', fields, measured('everytoken.embed.failures', Array(runs.length).fill(0)));
};

/** The reservations for embedding runs on their callers' budgets, by run, and the usage once it is known. */
type Charges = Map<string, { caller: string; reserved: Reservation; used: Spent }>;

const textsOf = ({ pieces }: Work): string[] => pieces.map(({ text }) => text);

/** @returns whether the run is to be embedded now */
const begin = async (work: Work, charges: Charges, deps: EmbedDeps): Promise<boolean> => {
  const { run, pieces } = work;
  try {
    const reserved = pieces.length === 0 ? null : await reserveTexts(run.caller, textsOf(work), deps);
    if (reserved) charges.set(run.id, { caller: run.caller, reserved, used: reserved });
  } catch (error) {
    if (!(error instanceof OverBudgetError)) throw error;
    await holdForBudget(run, error, deps);
    return false;
  }
  return beginAttempt(run, deps);
};

/** Counts what the embedding used. It used nothing where the service refused all of it. */
const settleCharges = async (
  works: Work[],
  { charges, outage, tokens }: { charges: Charges; outage?: unknown; tokens?: number | null | undefined },
  deps: EmbedDeps,
): Promise<void> => {
  if (charges.size === 0) return;
  const all = allBytesOf(works.map(textsOf));
  const embedding = new Map(works.map((work) => [work.run.id, work]));
  await Promise.all(
    [...charges].map(async ([id, charge]) => {
      const work = embedding.get(id);
      // Without its attempt, nothing of the run was sent.
      if (work === undefined || isUnbilled(outage)) charge.used = NOTHING;
      else if (tokens !== undefined)
        charge.used = shareOf(textsOf(work), { counted: tokens, all }, charge.reserved, deps);
      await deps.budget.settle(charge.caller, charge.reserved, charge.used);
    }),
  );
};

const failuresOf = (runs: number): Measurement[] =>
  measured('everytoken.embed.failures', Array<number>(runs).fill(1));

/** Embeds all pieces; `outage` is the error of the embeddings service when it fails every run. */
const embedAll = async (
  works: Work[],
  deps: EmbedDeps,
  fail: Fail,
): Promise<{ embedded: Embedded[]; outage?: unknown; tokens?: number | null }> => {
  const { log, clock } = deps;
  const texts = works.flatMap(textsOf);
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
    return { embedded: assigned(works, embedded, deps, fail), tokens };
  } catch (error) {
    log.warn('embed.service_failed', { ...about, ...errorFields(error) }, failuresOf(works.length));
    for (const { run } of works) fail(run, error);
    return { embedded: [], outage: error };
  }
};

/** The runs with their vectors. A run of which a text was refused fails by itself. */
const assigned = (
  works: Work[],
  results: EmbeddedTexts['embedded'],
  { log }: EmbedDeps,
  fail: Fail,
): Embedded[] => {
  let at = 0;
  return works.flatMap((work) => {
    const own = results.slice(at, at + work.pieces.length);
    at += work.pieces.length;
    const error = own.find((result) => result.error)?.error;
    if (error) {
      log.warn('embed.failed', { ...aboutRun(work.run), ...errorFields(error) }, failuresOf(1));
      fail(work.run, error, true);
      return [];
    }
    return [{ work, vectors: own.flatMap(({ vector }) => vector ?? []) }];
  });
};

/** Upserts once for each namespace; an index that fails fails all runs of the namespace. Returns the stored runs. */
const storeByNamespace = async (embedded: Embedded[], deps: EmbedDeps, fail: Fail): Promise<Embedded[]> => {
  const { log } = deps;
  const groups = Map.groupBy(embedded, ({ work }) => deps.namespace(work.run.caller));
  const stored: Embedded[] = [];
  for (const [namespace, group] of groups) {
    const about = { ...aboutRuns(group.map(({ work }) => work.run)), namespace };
    const refuse = ({ run }: Work, error: unknown) => {
      log.warn('upsert.failed', { ...aboutRun(run), namespace, ...errorFields(error) }, failuresOf(1));
      fail(run, error, true);
    };
    try {
      stored.push(...(await storeVectors(namespace, group, deps.vectors, refuse)));
    } catch (error) {
      log.warn('upsert.failed', { ...about, ...errorFields(error) }, failuresOf(group.length));
      for (const { work } of group) fail(work.run, error);
    }
  }
  return stored;
};

/**
 * Completes a run in one write, which also ends its due time. Its event and its entry in the list come first: when this
 * worker is lost in between, the run is embedded again, and both are written again as they were.
 * @returns false when it has ended otherwise
 */
const complete = async (
  work: Work,
  vectors: Float32Array[],
  charges: Charges,
  deps: EmbedDeps,
): Promise<boolean> => {
  const { run, previews } = work;
  // Embedding takes long enough for a deletion, after which no event may say that the run is completed.
  const current = await deps.runs.get(run.id);
  if (current?.status !== 'generated') {
    await leave(current, deps);
    return false;
  }
  const charge = charges.get(run.id);
  const ended: Run = { ...current, status: 'completed', pending: ['RunCompleted'] };
  const [isTold] = await Promise.all([tell(ended, deps), enterEnd(ended, previews, deps)]);
  const now = deps.clock.now();
  const completed = await deps.runs.change(
    run.id,
    {
      status: 'completed',
      diversity: diversityOf(work, vectors),
      ...(charge && chargedWith(run, charge.reserved, charge.used)),
      ...(isTold
        ? { pending: [], dueAt: dueAfterEvents(ended, now, deps.retentionDays) }
        : { pending: ['RunCompleted'], dueAt: now + DUE.pending }),
      dueTries: 0,
    },
    { status: ['generated'] },
  );
  if (completed) return true;
  const other = await deps.runs.get(run.id);
  await leave(other, deps);
  // Its list says by now that it is completed.
  if (other?.status === 'failed') await enterEnd(other, previews, deps);
  return false;
};

/** The run was deleted or has failed since it was read, or another delivery of the event completed it. */
const leave = async (current: Run | undefined, deps: EmbedDeps): Promise<void> => {
  if (current?.status === 'deleted') await purgeRun(current, deps);
  if (current?.status === 'failed') await deleteVectors(current, deps);
};

/** Sends RunCompleted; false when the bus does not take it now: then the sweep sends it. */
const tell = async (ended: Run, { bus, bucket, log }: EmbedDeps): Promise<boolean> => {
  try {
    await bus.emit([runEvent(ended, 'RunCompleted', bucket)]);
    return true;
  } catch (error) {
    log.warn('event.delayed', { ...aboutRun(ended), ...errorFields(error) });
    return false;
  }
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
