import { aboutRun } from '../runs/about-run.ts';
import { backedOff, DUE, TOMBSTONE_MS } from '../runs/due.ts';
import { requestKey } from '../runs/keys.ts';
import { buryListed } from '../runs/list/entry.ts';
import type { DueItem, JobQueue, MoveOptions, RunChange } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { buryRun, type DeleteDeps, purgeRun } from './delete.ts';
import { type EmitDeps, emitPending, retentionEnd, sendRunJob } from './emit.ts';

export type MoveRunDeps = DeleteDeps & EmitDeps & { jobs: JobQueue };

/**
 * Takes the next step of a due run: sends its pending events, sends its job again, emits its embedding event again, or
 * purges it. The run item is read consistently first, and every write is conditional on what was read, so a lagging due
 * index or a concurrent sweep does no harm.
 */
export const moveRun = async (
  { pk }: DueItem,
  deps: MoveRunDeps,
  { reconcile }: MoveOptions = {},
): Promise<void> => {
  const run = await deps.runs.get(pk.slice('RUN#'.length));
  if (!run || run.dueAt === null) return;
  if (run.pending.length > 0 && run.status !== 'generated') {
    await emitPending(run, deps);
    logMoved(run, 'event', deps);
    return;
  }
  switch (run.status) {
    case 'queued':
      return sendJob(run, deps, 0);
    case 'generating':
      return sendJob(run, deps, Math.max(0, (run.lease?.until ?? 0) - deps.clock.now()));
    case 'generated':
      if (reconcile || run.dueTries > 0) await embedAgain(run, deps);
      else await awaitEmbedding(run, deps);
      return;
    case 'deleted':
      await buryListed(run, deps);
      await purgeRun(run, deps);
      logMoved(run, 'purge', deps);
      // A reconciliation visits runs before they are due. An embedding may then still be running, so keep the due time.
      if (run.dueAt <= deps.clock.now()) await putOff(run, afterPurge(run, deps.clock.now()), deps);
      return;
    case 'cancelled':
      // The worker may have written outputs before it noticed the cancellation; nothing points at them.
      return purgeLate(run, await deps.content.list(`outputs/${run.id}/`), deps);
    default:
      return run.store ? endRetention(run, deps) : purgeLate(run, [], deps);
  }
};

/** A second purge follows the first, when no embedding can still be running. */
const afterPurge = ({ dueTries }: Run, now: number): RunChange =>
  dueTries === 0
    ? { dueAt: now + DUE.purge, dueTries: 1 }
    : { dueAt: null, turnKey: null, expiresAt: now + TOMBSTONE_MS };

/**
 * Deletes what may have been written since a run has ended: these outputs, and the request of a run with `store: false`,
 * which a repeat of it saves before it finds the run.
 */
const purgeLate = async (run: Run, outputs: string[], deps: MoveRunDeps): Promise<void> => {
  await deps.content.delete(run.store ? outputs : [...outputs, requestKey(run.id)]);
  logMoved(run, 'purge', deps);
  if ((run.dueAt ?? 0) <= deps.clock.now()) await endRetention(run, deps);
};

/** `by` is the step that was taken. */
const logMoved = (
  run: Run,
  by: 'event' | 'job' | 'embedding' | 'purge' | 'retention',
  { log }: MoveRunDeps,
): void => log.info('run.moved', { ...aboutRun(run), by, status: run.status });

const putOff = (run: Run, change: RunChange, { runs }: MoveRunDeps) =>
  runs.change(run.id, change, { status: [run.status], dueAt: run.dueAt });

/** Postpones the due time before it sends, so a job that fails to send is retried later and not in a tight loop. */
const sendJob = async (run: Run, deps: MoveRunDeps, delayMs: number): Promise<void> => {
  // Under a live lease the job arrives when the lease ends; if the message is lost, the sweep looks again soon after.
  const patience = delayMs > 0 ? delayMs + DUE.queued : backedOff(DUE.unclaimed, run.dueTries);
  const dueAt = deps.clock.now() + patience;
  // The lease itself stays untouched: its holder may still renew it.
  // Looks under a live lease are no tries, or a run of many minutes would wait for days if its last job is lost.
  const dueTries = run.dueTries + (delayMs > 0 ? 0 : 1);
  const isMine = await putOff(run, { dueAt, dueTries }, deps);
  if (!isMine) return;
  await sendRunJob(run, deps.jobs, delayMs > 0 ? delayMs + 1_000 : 0);
  logMoved(run, 'job', deps);
};

/** The event of a generated run was sent when it was committed, and its embedding takes its time. */
const awaitEmbedding = (run: Run, deps: MoveRunDeps) =>
  putOff(run, { dueAt: deps.clock.now() + DUE.embedding, dueTries: 1 }, deps);

/** Sends RunGenerated again, and then waits longer. While the bus fails, the run stays due. */
const embedAgain = async (run: Run, deps: MoveRunDeps): Promise<void> => {
  await emitPending({ ...run, pending: ['RunGenerated'] }, deps);
  const dueAt = deps.clock.now() + backedOff(DUE.embedding, run.dueTries);
  await putOff(run, { dueAt, dueTries: run.dueTries + 1 }, deps);
  logMoved(run, 'embedding', deps);
};

const endRetention = async (run: Run, deps: MoveRunDeps): Promise<void> => {
  const end = retentionEnd(run, deps.retentionDays);
  if (end === null || end > deps.clock.now()) {
    await putOff(run, { dueAt: end }, deps);
    return;
  }
  const deleted = await buryRun(run, { dueAt: deps.clock.now() + DUE.purge, dueTries: 1 }, deps);
  if (!deleted) return;
  await purgeRun(deleted.run, deps);
  logMoved(run, 'retention', deps);
};
