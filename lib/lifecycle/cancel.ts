import { NOTHING } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { ConflictError } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import type { JobQueue, RunChange } from '../runs/ports.ts';
import { findRun } from '../runs/read-run.ts';
import type { Run } from '../runs/run.ts';
import { type EmitDeps, emitPending, endedAs, sendRunJob } from './emit.ts';

export type CancelDeps = EmitDeps & { jobs: JobQueue; budget: Pick<Budget, 'settle'>; log: Log };

/**
 * Cancels a run that is not generated yet. A queued run never starts. The worker of a generating run stops at its next
 * lease renewal (20 s at most), and its outputs are never published. Cancelling a cancelled run returns it unchanged.
 *
 * @throws {ConflictError} when the run is already generated or has ended.
 * @throws {NotFoundError} as `findRun` does.
 */
export const cancelRun = async (id: string, caller: string, deps: CancelDeps): Promise<Run> => {
  const run = await findRun(id, caller, deps);
  if (run.status === 'cancelled') return run;
  const cancelled = (await cancelQueued(run, deps)) ?? (await cancelGenerating(run, deps));
  return cancelled ? tellCancelled(run, cancelled, deps) : refuseEnded(id, caller, deps);
};

/** Cancels a run that waits for a worker; undefined, leaving it alone, when it does not or a worker was faster. */
export const cancelWaiting = async (run: Run, deps: CancelDeps): Promise<Run | undefined> => {
  const cancelled = run.status === 'queued' ? await cancelQueued(run, deps) : undefined;
  return cancelled && tellCancelled(run, cancelled, deps);
};

const tellCancelled = async (run: Run, cancelled: Run, deps: CancelDeps): Promise<Run> => {
  deps.log.info('run.cancelled', aboutRun(run));
  try {
    const emitted = await emitPending(cancelled, deps);
    // The worker that takes this job finds the run ended and marks its file line as done.
    if (run.file) await sendRunJob(run, deps.jobs);
    return emitted;
  } catch (error) {
    deps.log.warn('event.delayed', { ...aboutRun(run), ...errorFields(error) });
    return cancelled;
  }
};

const changeOf = ({ clock }: CancelDeps): RunChange =>
  endedAs('cancelled', { code: 'cancelled', message: 'the caller cancelled the run' }, clock);

/** A queued run has used nothing, so its whole reservation is released. */
const cancelQueued = async (run: Run, deps: CancelDeps): Promise<Run | undefined> => {
  const cancelled = await deps.runs.change(
    run.id,
    { ...changeOf(deps), reserved: null },
    {
      status: ['queued'],
      dueAt: run.dueAt,
    },
  );
  if (cancelled) await deps.budget.settle(run.caller, run.reserved, NOTHING);
  return cancelled;
};

/** The worker settles the reservation, which the run keeps as the most that it may have used. */
const cancelGenerating = (run: Run, deps: CancelDeps): Promise<Run | undefined> =>
  deps.runs.change(run.id, changeOf(deps), { status: ['queued', 'generating'] });

/** Returns a run that another request cancelled meanwhile. */
const refuseEnded = async (id: string, caller: string, deps: CancelDeps): Promise<Run> => {
  const run = await findRun(id, caller, deps);
  if (run.status === 'cancelled') return run;
  throw new ConflictError(
    `run ${id} is already ${run.status} and cannot be cancelled; use DELETE to remove it`,
  );
};
