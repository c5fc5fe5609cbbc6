import { makeBudget } from '../../lib/budget/budget.ts';
import { makeCreateEmbeddings } from '../../lib/embed/create-embeddings.ts';
import { embedRuns } from '../../lib/embed/embed-runs.ts';
import { parseRunGenerated } from '../../lib/embed/run-generated.ts';
import { isRetryable } from '../../lib/errors.ts';
import { continueExport } from '../../lib/export/work.ts';
import { continueFile } from '../../lib/files/move-file.ts';
import { type CreatedObject, intakeObject } from '../../lib/files/read/intake.ts';
import { generateJob } from '../../lib/files/work/generate-job.ts';
import { makeInFlight } from '../../lib/limits/in-flight.ts';
import { sweep } from '../../lib/operate/sweep.ts';
import { makeMarkUsage } from '../../lib/usage/mark.ts';
import { type MemoryQueue, makeMemoryQueue } from '../memory/queue.ts';
import { moversOf, type World } from '../memory/world.ts';
import type { Faults } from './faults.ts';

const MAX_STEPS = 400;
const MAX_RECEIVES = 5;

/**
 * All functions on memory ports, each invocation a worker that can crash. Messages are redelivered until they are
 * acknowledged, five times at most, and the clock moves to the next due time.
 */
export const makeMachine = (world: World, faults: Faults) => {
  const objects = makeMemoryQueue<CreatedObject>(world.clock);

  const worker = () => {
    const { call, port } = faults.worker();
    const totals = { ...port('totals', world.totals), range: world.totals.range };
    const budget = makeBudget({ ...world.deps, spend: port('spend', world.spend) });
    const { embedder } = world;
    const deps = {
      ...world.deps,
      runs: port('runs', world.runs),
      list: { ...port('list', world.list), newest: world.list.newest },
      conversations: port('conversations', world.conversations),
      streamBlocks: { ...port('streamBlocks', world.streamBlocks), read: world.streamBlocks.read },
      totals,
      markUsage: makeMarkUsage({ totals, clock: world.clock }),
      files: port('files', world.files),
      content: port('content', world.content),
      readSource: call('source.read', world.readSource),
      jobs: port('jobs', world.jobs),
      fileQueue: port('fileQueue', world.fileQueue),
      exports: port('exports', world.exports),
      bus: port('bus', { emit: world.bus.emit }),
      budget,
      inFlight: makeInFlight({ ...world.deps, load: port('load', world.load) }),
      vectors: port('vectors', world.vectors),
      embedder: { ...embedder, embed: call('embedder.embed', embedder.embed) },
      createEmbeddings: makeCreateEmbeddings({
        ...world.deps,
        budget,
        embedder: { ...embedder, embedInputs: call('embedder.embedInputs', embedder.embedInputs) },
      }),
      generateOne: call('model.generate', world.generateOne),
      batches: { ...port('batches', world.batches), read: world.batches.read },
    };
    return { ...deps, movers: moversOf(deps) };
  };
  type Worker = ReturnType<typeof worker>;

  const serve = async <T>(
    queue: MemoryQueue<T>,
    handle: (body: T, deps: Worker) => Promise<unknown>,
  ): Promise<boolean> => {
    const message = queue.receive();
    if (!message) return false;
    try {
      await handle(message.body, worker());
      message.delete();
    } catch {
      // After its last delivery the queue would move the message to its dead letters.
      if (message.receives >= MAX_RECEIVES) message.delete();
      else message.release();
    }
    return true;
  };

  const serveOne = async (): Promise<boolean> =>
    (await serve(objects, (object, deps) => intakeObject(object, deps))) ||
    (await serve(world.jobs, (job, deps) => generateJob(job, deps))) ||
    (await serve(world.fileQueue, ({ file_id }, deps) => continueFile(file_id, deps))) ||
    (await serve(world.exportQueue, ({ export_id }, deps) => continueExport(export_id, deps))) ||
    (await serve(world.embedQueue, async (body, deps) => {
      const failures = await embedRuns([parseRunGenerated(body)], deps);
      for (const failure of failures.values()) throw failure;
    }));

  const dueEntries = ({ isSummed }: { isSummed: boolean }) =>
    world.dueIndex.entries().filter(({ pk }) => isSummed || !pk.startsWith('USAGE#'));

  const nextAt = (entries: { dueAt: number }[]): number =>
    Math.min(
      ...[objects, world.jobs, world.fileQueue, world.exportQueue, world.embedQueue].map(
        (queue) => queue.nextAt() ?? Infinity,
      ),
      ...entries.map(({ dueAt }) => dueAt),
    );

  const sweepOnce = async (reconcile?: 'all'): Promise<void> => {
    try {
      await sweep(worker(), reconcile ? { reconcile } : {});
    } catch {
      // The sweep of the next minute is a new invocation.
    }
  };

  return {
    worker,
    objects,
    /** Delivers one available message; false when there is none. */
    serveOne,
    sweepOnce,
    /**
     * Runs until no work is left; `between` is called before each step. Usage is summed at the end, which takes until the
     * next day; unless `isSummed` is false.
     */
    untilQuiet: async (
      between: (step: number) => Promise<void> = async () => {},
      { isSummed = true } = {},
    ): Promise<void> => {
      for (let step = 0; step < MAX_STEPS; step += 1) {
        await between(step);
        if (await serveOne()) continue;
        const next = nextAt(dueEntries({ isSummed }));
        if (next === Infinity) return;
        await world.clock.advance(Math.max(0, next - world.clock.now()));
        if (dueEntries({ isSummed }).some(({ dueAt }) => dueAt <= world.clock.now())) await sweepOnce();
      }
      throw new Error(`still not quiet after ${MAX_STEPS} steps`);
    },
  };
};

export type Machine = ReturnType<typeof makeMachine>;

/** Retries until there is an answer or a final error, as a client with an Idempotency-Key does. */
export const retryUntilAnswered = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= 5 || !isRetryable(error)) throw error;
    }
  }
};
