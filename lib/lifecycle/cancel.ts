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
 * Ends a caller's run that is not generated yet: one that waits is never begun; one that is under way is stopped by its
 * worker when it next renews its lease (20 s at most), and what it made is never published. Cancelling again gives the
 * same run. Throws `ConflictError` when it is generated or has ended, `NotFoundError` as `findRun` does.
 */
export const cancelRun = async (id: string, caller: string, deps: CancelDeps): Promise<Run> => {
  const run = await findRun(id, caller, deps);
  if (run.status === 'cancelled') return run;
  const cancelled = (await cancelQueued(run, deps)) ?? (await cancelGenerating(run, deps));
  if (!cancelled) return whyNot(id, caller, deps);
  deps.log.info('run.cancelled', aboutRun(run));
  try {
    const emitted = await emitPending(cancelled, deps);
    // Whoever takes this job finds the run ended, and marks its line of the file as done.
    if (run.file) await sendRunJob(run, deps.jobs);
    return emitted;
  } catch (error) {
    deps.log.warn('event.delayed', { ...aboutRun(run), ...errorFields(error) });
    return cancelled;
  }
};

const changeOf = ({ clock }: CancelDeps): RunChange =>
  endedAs('cancelled', { code: 'cancelled', message: 'cancelled by its caller' }, clock);

/** Nothing was begun, so all that was set aside is free again. */
const cancelQueued = async (run: Run, deps: CancelDeps): Promise<Run | undefined> => {
  const cancelled = await deps.runs.change(run.id, changeOf(deps), {
    status: ['queued'],
    dueAt: run.dueAt,
  });
  if (cancelled) await deps.budget.settle(run.caller, run.reserved, NOTHING);
  return cancelled;
};

/** Its worker settles what it has set aside. */
const cancelGenerating = (run: Run, deps: CancelDeps): Promise<Run | undefined> =>
  deps.runs.change(run.id, changeOf(deps), { status: ['queued', 'generating'] });

const whyNot = async (id: string, caller: string, deps: CancelDeps): Promise<Run> => {
  const run = await findRun(id, caller, deps);
  if (run.status === 'cancelled') return run;
  throw new ConflictError(`run ${id} is ${run.status} already; DELETE removes it`);
};
