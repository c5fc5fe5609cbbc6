import type { Clock } from '../async/clock.ts';
import { backedOff, DUE } from '../runs/due.ts';
import { runEvent } from '../runs/events.ts';
import type { EventBus, RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';

export type EmitDeps = {
  runs: RunStore;
  bus: EventBus;
  clock: Clock;
  bucket: string;
  retentionDays: number | undefined;
};

const DAY_MS = 24 * 60 * 60_000;

/**
 * When the sweep must look at a run that has no event pending: while it is being embedded, when its
 * cancelled worker can write no output any more, and at its retention's end.
 */
export const dueAfterEvents = (run: Run, now: number, retentionDays: number | undefined): number | null => {
  if (run.status === 'generated') return now + backedOff(DUE.embedding, run.dueTries);
  if (run.status === 'cancelled') return now + DUE.purge;
  return retentionEnd(run, retentionDays);
};

/** Epoch ms; null where runs are kept for ever. */
export const retentionEnd = (
  run: Pick<Run, 'createdAt'>,
  retentionDays: number | undefined,
): number | null => (retentionDays === undefined ? null : Date.parse(run.createdAt) + retentionDays * DAY_MS);

/**
 * Sends a run's pending events, then clears them: a crash in between leaves them pending, and the sweep sends the
 * same ones again. Returns the run as it is then. Throws `UpstreamError` when the bus does not take them.
 */
export const emitPending = async (
  run: Run,
  { runs, bus, clock, bucket, retentionDays }: EmitDeps,
): Promise<Run> => {
  if (run.pending.length === 0) return run;
  await bus.emit(run.pending.map((type) => runEvent(run, type, bucket)));
  const cleared = await runs.change(
    run.id,
    { pending: [], dueAt: dueAfterEvents(run, clock.now(), retentionDays) },
    { status: [run.status], pending: run.pending },
  );
  // Not cleared: the run went on meanwhile (embed was quicker, or it was deleted), with a due time of its own.
  return cleared ?? run;
};
