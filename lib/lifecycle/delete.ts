import type { Clock } from '../async/clock.ts';
import { NOTHING } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import { DUE } from '../runs/due.ts';
import { requestKey, vectorIdsOfRun } from '../runs/keys.ts';
import type { ContentStore, RunCondition, RunStore } from '../runs/ports.ts';
import { findRun } from '../runs/read-run.ts';
import { RUN_STATUSES, type Run } from '../runs/run.ts';
import type { VectorIndex } from '../vectors/ports.ts';

export type PurgeDeps = {
  content: ContentStore;
  vectors: VectorIndex;
  namespace: (caller: string) => string;
};
export type DeleteDeps = PurgeDeps & { runs: RunStore; clock: Clock; log: Log };

/** Vectors first, then objects: a vector without its object can mislead a search, an object alone misleads nobody. */
export const purgeRun = async (run: Run, { content, vectors, namespace }: PurgeDeps): Promise<void> => {
  const ids = vectorIdsOfRun(run);
  if (ids.length > 0) await vectors.delete(namespace(run.caller), ids);
  const outputs = await content.list(`outputs/${run.id}/`);
  await content.delete(run.request === null ? [...outputs, requestKey(run.id)] : outputs);
};

/**
 * Deletes a caller's run: the tombstone first, then its content. Whatever still arrives for it (an embed that was
 * under way) meets the tombstone, and the sweep purges once more when nothing can be under way. What the purge
 * could not do now, it does then.
 */
export const deleteRun = async (
  id: string,
  caller: string,
  deps: DeleteDeps & { budget: Pick<Budget, 'settle'> },
): Promise<void> => {
  const run = await findRun(id, caller, deps);
  const deleted = (await deleteQueued(run, deps)) ?? (await entomb(run, deps));
  if (!deleted) return;
  deps.log.info('run.deleted', aboutRun(run));
  try {
    await purgeRun(deleted, deps);
  } catch (error) {
    // The tombstone stands, so the run is deleted for everyone who asks.
    deps.log.warn('purge.delayed', { ...aboutRun(run), ...errorFields(error) });
  }
};

/** Nothing was begun, so all that it had set aside is free again. */
const deleteQueued = async (
  run: Run,
  deps: DeleteDeps & { budget: Pick<Budget, 'settle'> },
): Promise<Run | undefined> => {
  const deleted = await entomb(run, deps, { status: ['queued'], dueAt: run.dueAt });
  if (deleted) await deps.budget.settle(run.caller, run.reserved, NOTHING);
  return deleted;
};

const ALL_BUT_DELETED = RUN_STATUSES.filter((status) => status !== 'deleted');

export const entomb = (
  run: Run,
  { runs, clock }: Pick<DeleteDeps, 'runs' | 'clock'>,
  condition: RunCondition = { status: ALL_BUT_DELETED },
): Promise<Run | undefined> =>
  runs.change(
    run.id,
    // The prompt goes with it, where it stands in RUN itself.
    {
      status: 'deleted',
      request: null,
      reserved: null,
      lease: null,
      pending: [],
      dueAt: clock.now() + DUE.purge,
      dueTries: 0,
    },
    condition,
  );
