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

/** Deletes vectors before objects: a vector without its object can mislead a search, the reverse cannot. */
export const purgeRun = async (run: Run, { content, vectors, namespace }: PurgeDeps): Promise<void> => {
  const ids = vectorIdsOfRun(run);
  if (ids.length > 0) await vectors.delete(namespace(run.caller), ids);
  const outputs = await content.list(`outputs/${run.id}/`);
  await content.delete(run.request === null ? [...outputs, requestKey(run.id)] : outputs);
};

/**
 * Deletes a caller's run: writes a tombstone, then deletes its content. Late work on the run, such as an embedding in
 * progress, finds the tombstone. Later, when no work can still be running, the sweep purges the run again; that also
 * retries a purge that fails here.
 *
 * @throws {NotFoundError} as `findRun` does.
 */
export const deleteRun = async (
  id: string,
  caller: string,
  deps: DeleteDeps & { budget: Pick<Budget, 'settle'> },
): Promise<void> => {
  const run = await findRun(id, caller, deps);
  const deleted = (await deleteQueued(run, deps)) ?? (await writeTombstone(run, deps));
  if (!deleted) return;
  deps.log.info('run.deleted', aboutRun(run));
  try {
    await purgeRun(deleted, deps);
  } catch (error) {
    // Readers already see the tombstone; the sweep retries the purge.
    deps.log.warn('purge.delayed', { ...aboutRun(run), ...errorFields(error) });
  }
};

/** A queued run has used nothing, so its whole reservation is released. */
const deleteQueued = async (
  run: Run,
  deps: DeleteDeps & { budget: Pick<Budget, 'settle'> },
): Promise<Run | undefined> => {
  const deleted = await writeTombstone(run, deps, { status: ['queued'], dueAt: run.dueAt });
  if (deleted) await deps.budget.settle(run.caller, run.reserved, NOTHING);
  return deleted;
};

const ALL_BUT_DELETED = RUN_STATUSES.filter((status) => status !== 'deleted');

/** Marks a run as deleted; returns `undefined` when `condition` does not hold. */
export const writeTombstone = (
  run: Run,
  { runs, clock }: Pick<DeleteDeps, 'runs' | 'clock'>,
  condition: RunCondition = { status: ALL_BUT_DELETED },
): Promise<Run | undefined> =>
  runs.change(
    run.id,
    // `request: null` also removes a prompt that is stored in the run item itself.
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
