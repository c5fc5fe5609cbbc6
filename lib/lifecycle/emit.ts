import type { Clock } from '../async/clock.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun, inTraceOf } from '../runs/about-run.ts';
import { backedOff, DUE } from '../runs/due.ts';
import { outputKey } from '../runs/keys.ts';
import type { DomainEvent, EventBus, JobQueue, RunChange, RunStore } from '../runs/ports.ts';
import type { EventType, Run } from '../runs/run.ts';

export type EmitDeps = {
  runs: RunStore;
  bus: EventBus;
  clock: Clock;
  bucket: string;
  retentionDays: number | undefined;
};

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

/** As `emitPending`; events that fail to be sent stay pending, and the sweep sends them. */
export const emitQuietly = async (run: Run, deps: EmitDeps & { log: Log }): Promise<Run> => {
  try {
    return await emitPending(run, deps);
  } catch (error) {
    deps.log.warn('event.delayed', { ...aboutRun(run), ...errorFields(error) });
    return run;
  }
};

const EVENT_SCHEMA_VERSION = 1;

const labelOf = (run: Pick<Run, 'labels' | 'samples'>, index: number): string =>
  run.labels[Math.floor(index / run.samples)] ?? 'default';

/**
 * A run's event, made from RUN alone, so that sending it again sends the same one (`event_id` follows from run and
 * type). It holds pointers and figures, never a text; its schema is docs/events/run-event.schema.json.
 */
export const runEvent = (run: Run, type: EventType, bucket: string): DomainEvent => ({
  type,
  detail: {
    schema_version: EVENT_SCHEMA_VERSION,
    event_id: `${run.id}.${type}`,
    run_id: run.id,
    caller: run.caller,
    model: run.model,
    status: run.status,
    outputs: run.generations.flatMap((figures, index) =>
      figures.status === 'completed'
        ? [
            {
              index,
              label: labelOf(run, index),
              bucket,
              key: outputKey(run.id, index, figures.lease),
              sha256: figures.sha256,
              chars: figures.chars,
              chunks: figures.chunks,
              usage: { prompt_tokens: figures.promptTokens, completion_tokens: figures.completionTokens },
              timing: { ttft_ms: figures.ttftMs, tpot_ms: figures.tpotMs, e2e_ms: figures.e2eMs },
            },
          ]
        : [],
    ),
    ...(run.error && { error: { code: run.error.code, message: run.error.message } }),
    ...(run.file && { file: { id: run.file.fileId, line: run.file.line } }),
    ...(run.trace && { trace_id: run.trace.traceId }),
  },
  ...inTraceOf(run),
});

/** Ends a run without outputs, its RunFailed about to be sent. */
export const endedAs = (
  status: 'failed' | 'cancelled',
  { code, message }: { code: string; message: string },
  clock: Clock,
): RunChange => ({
  status,
  lease: null,
  reserved: null,
  error: { code, message },
  pending: ['RunFailed'],
  dueAt: clock.now() + DUE.pending,
  dueTries: 0,
});

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

const MAX_DELAY_SECONDS = 900; // SQS delays a message no longer

/** Sends a run's job in the run's own trace, delayed by `delayMs`, rounded up to seconds, or by 15 minutes at most. */
export const sendRunJob = async (
  run: Pick<Run, 'id' | 'trace'>,
  jobs: JobQueue,
  delayMs = 0,
): Promise<void> => {
  const delaySeconds = Math.min(Math.ceil(delayMs / 1000), MAX_DELAY_SECONDS);
  await jobs.send(
    { type: 'run', run_id: run.id },
    { ...inTraceOf(run), ...(delaySeconds > 0 && { delaySeconds }) },
  );
};
