import { aboutRun } from '../runs/about-run.ts';
import { backedOff, DUE, TOMBSTONE_MS } from '../runs/due.ts';
import type { DueItem, JobQueue, RunChange } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { type DeleteDeps, entomb, purgeRun } from './delete.ts';
import { type EmitDeps, emitPending, retentionEnd, sendRunJob } from './emit.ts';

export type MoveRunDeps = DeleteDeps & EmitDeps & { jobs: JobQueue };

/**
 * Moves a due run on by what it waits for: sends its pending events, its job, its embedding's event again, or
 * purges it. RUN is read consistently first, and written only on condition of what was read: a due index that
 * lags, or another sweep, does no harm.
 */
export const moveRun = async ({ pk }: DueItem, deps: MoveRunDeps): Promise<void> => {
  const run = await deps.runs.get(pk.slice('RUN#'.length));
  if (!run || run.dueAt === null) return;
  if (run.pending.length > 0) {
    await emitPending(run, deps);
    noteMoved(run, 'event', deps);
    return;
  }
  switch (run.status) {
    case 'queued':
      return sendJob(run, deps, 0);
    case 'generating':
      return sendJob(run, deps, Math.max(0, (run.lease?.until ?? 0) - deps.clock.now()));
    case 'generated':
      return embedAgain(run, deps);
    case 'deleted':
      await purgeRun(run, deps);
      noteMoved(run, 'purge', deps);
      // Looked at before its time (all runs are being reconciled), an embed may still be under way: once more then.
      if (run.dueAt <= deps.clock.now()) {
        await putOff(run, { dueAt: null, expiresAt: deps.clock.now() + TOMBSTONE_MS }, deps);
      }
      return;
    case 'cancelled':
      // What its worker still wrote before it noticed: nothing points at it.
      await deps.content.delete(await deps.content.list(`outputs/${run.id}/`));
      noteMoved(run, 'purge', deps);
      if (run.dueAt <= deps.clock.now()) await endRetention(run, deps);
      return;
    default:
      return endRetention(run, deps);
  }
};

/** `by`: what was sent or done for the run. */
const noteMoved = (
  run: Run,
  by: 'event' | 'job' | 'embedding' | 'purge' | 'retention',
  { log }: MoveRunDeps,
): void => log.info('run.moved', { ...aboutRun(run), by, status: run.status });

const putOff = (run: Run, change: RunChange, { runs }: MoveRunDeps) =>
  runs.change(run.id, change, { status: [run.status], dueAt: run.dueAt });

/** The due time moves on first: a job that is then not sent is sent after that, never hammered. */
const sendJob = async (run: Run, deps: MoveRunDeps, delayMs: number): Promise<void> => {
  // Behind a live lease the job is back at the lease's end; should that message be lost, soon after.
  const patience = delayMs > 0 ? delayMs + DUE.queued : backedOff(DUE.unclaimed, run.dueTries);
  const dueAt = deps.clock.now() + patience;
  // A live lease is left as it is: its holder's next renewal sets the due time anew.
  const isMine = await putOff(run, { dueAt, dueTries: run.dueTries + 1 }, deps);
  if (!isMine) return;
  await sendRunJob(run, deps.jobs, delayMs > 0 ? delayMs + 1_000 : 0);
  noteMoved(run, 'job', deps);
};

const embedAgain = async (run: Run, deps: MoveRunDeps): Promise<void> => {
  const pending = await putOff(
    run,
    { pending: ['RunGenerated'], dueTries: run.dueTries + 1, dueAt: deps.clock.now() + DUE.pending },
    deps,
  );
  if (!pending) return;
  await emitPending(pending, deps);
  noteMoved(run, 'embedding', deps);
};

const endRetention = async (run: Run, deps: MoveRunDeps): Promise<void> => {
  const end = retentionEnd(run, deps.retentionDays);
  if (end === null || end > deps.clock.now()) {
    await putOff(run, { dueAt: end }, deps);
    return;
  }
  const deleted = await entomb(run, deps);
  if (!deleted) return;
  await purgeRun(deleted, deps);
  noteMoved(run, 'retention', deps);
};
