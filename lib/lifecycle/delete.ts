import type { Clock } from '../async/clock.ts';
import { NOTHING } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { ConflictError } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import type { Conversations } from '../runs/conversations.ts';
import { DUE } from '../runs/due.ts';
import { requestKey, vectorIdsOfRun } from '../runs/keys.ts';
import { type BuryListedDeps, buryListed, writeQuietly } from '../runs/list/entry.ts';
import type { ContentStore, RunChange, RunStore } from '../runs/ports.ts';
import { findRun } from '../runs/read-run.ts';
import { buriedFigures, hasEnded, type Reservation, type Run } from '../runs/run.ts';
import type { StreamBlocks } from '../runs/stream-blocks.ts';
import type { VectorIndex } from '../vectors/ports.ts';

export type PurgeDeps = {
  content: ContentStore;
  vectors: VectorIndex;
  streamBlocks: Pick<StreamBlocks, 'delete'>;
  conversations: Pick<Conversations, 'delete'>;
  namespace: (caller: string) => string;
};
export type BuryDeps = BuryListedDeps & { runs: RunStore; log: Log };
export type DeleteDeps = PurgeDeps & BuryDeps & { clock: Clock };

/** Deletes vectors before objects: a vector without its object can mislead a search, the reverse cannot. */
export const purgeRun = async (run: Run, deps: PurgeDeps): Promise<void> => {
  const { content, vectors, streamBlocks, conversations, namespace } = deps;
  const ids = vectorIdsOfRun(run);
  if (ids.length > 0) await vectors.delete(namespace(run.caller), ids);
  const outputs = await content.list(`outputs/${run.id}/`);
  await content.delete(run.request === null ? [...outputs, requestKey(run.id)] : outputs);
  await streamBlocks.delete(run.id);
  if (run.turnKey !== null) await conversations.delete(run.turnKey, run);
};

/**
 * Deletes a caller's run: writes a tombstone, then deletes its content. Late work on the run, such as an embedding in
 * progress, finds the tombstone. Later, when no work can still be running, the sweep purges the run again; that also
 * retries a purge that fails here. Its usage stays counted.
 *
 * @throws {NotFoundError} as `findRun` does.
 */
export const deleteRun = async (
  id: string,
  caller: string,
  deps: DeleteDeps & { budget: Pick<Budget, 'settle'> },
): Promise<void> => {
  const run = await findRun(id, caller, deps);
  // The purge below is the first of the two.
  const due = { dueAt: deps.clock.now() + DUE.purge, dueTries: 1 };
  const deleted = await buryRun(run, due, deps);
  if (!deleted) return;
  await deps.budget.settle(run.caller, deleted.released, NOTHING);
  deps.log.info('run.deleted', aboutRun(run));
  try {
    await purgeRun(deleted.run, deps);
  } catch (error) {
    // Readers already see the tombstone; the sweep retries the purge.
    deps.log.warn('purge.delayed', { ...aboutRun(run), ...errorFields(error) });
  }
};

const MAX_TRIES = 10;

/**
 * Makes a run a tombstone, which holds nothing that a caller or a model wrote. Undefined when the run was deleted
 * meanwhile or is gone. The reservation of a run that has used nothing is `released`, for its caller to settle. A run
 * that is generated right now keeps its reservation: what it uses until its worker stops is not known to be less.
 */
export const buryRun = async (
  given: Run,
  due: Pick<Run, 'dueAt' | 'dueTries'>,
  deps: BuryDeps,
): Promise<{ run: Run; released: Reservation | null } | undefined> => {
  const { runs } = deps;
  let run: Run | undefined = given;
  for (let tried = 1; run && run.status !== 'deleted'; tried += 1) {
    // The tombstone is made of what was read, so neither a claim nor a commit may come in between.
    const isUnused = run.status === 'queued';
    const condition = { status: [run.status], ...(isUnused && { dueAt: run.dueAt }) };
    const buried = await runs.change(
      run.id,
      { ...tombstoneOf(run), ...due, ...(isUnused && { reserved: null }) },
      condition,
    );
    if (buried) {
      const wasAtRest = hasEnded(run) && run.pending.length === 0;
      await writeQuietly(buried, deps.log, () => buryListed(buried, deps, { wasAtRest }));
      return { run: buried, released: isUnused ? run.reserved : null };
    }
    if (tried === MAX_TRIES)
      throw new ConflictError(`run ${run.id} changes all the time; delete it again`, { retryable: true });
    run = await runs.get(run.id);
  }
  // Perhaps by this call, whose answer was lost.
  const deleted = run;
  if (deleted) await writeQuietly(deleted, deps.log, () => buryListed(deleted, deps));
  return undefined;
};

const tombstoneOf = (run: Run): RunChange => ({
  status: 'deleted',
  // Also removes a prompt that is stored in the run item itself.
  request: null,
  template: null,
  trace: null,
  model: '',
  labels: [],
  models: [],
  samples: 0,
  metadata: {},
  conversation: null,
  previousRun: null,
  attempts: 0,
  putBacks: 0,
  embedAttempts: 0,
  lease: null,
  generations: run.generations.map((figures) => buriedFigures(figures, run)),
  pending: [],
  error: null,
  diversity: null,
});
