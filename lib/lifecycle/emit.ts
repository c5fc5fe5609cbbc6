import type { Clock } from '../async/clock.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun, inTraceOf } from '../runs/about-run.ts';
import { DUE } from '../runs/due.ts';
import { outputKey, requestKey } from '../runs/keys.ts';
import { enterEnd } from '../runs/list/entry.ts';
import { isTextless } from '../runs/not-stored.ts';
import type {
  ContentStore,
  DomainEvent,
  EventBus,
  JobQueue,
  MarkUsage,
  Previews,
  RunChange,
  RunList,
  RunStore,
} from '../runs/ports.ts';
import { type EventType, hasEnded, type Run } from '../runs/run.ts';

export type EmitDeps = {
  runs: RunStore;
  list: RunList;
  markUsage: MarkUsage;
  bus: EventBus;
  content: Pick<ContentStore, 'delete'>;
  clock: Clock;
  bucket: string;
  retentionDays: number | undefined;
};

/**
 * Does what follows from a run's last commit: sends its pending events and, when it has ended, enters that in its
 * caller's list and deletes the request of a run with `store: false`. Then clears them, and returns the updated run. All
 * are done at least once: after a crash in between, the events are still pending, and the sweep does the same again.
 *
 * RunGenerated stays pending until the run is completed, which saves a write: embedding is what shows that it was sent.
 *
 * @throws {UpstreamError} when the bus does not accept the events.
 */
export const emitPending = async (run: Run, deps: EmitDeps, previews: Previews = {}): Promise<Run> => {
  const { runs, bus, content, clock, bucket, retentionDays } = deps;
  if (run.pending.length === 0) return run;
  await Promise.all([
    bus.emit(run.pending.map((type) => runEvent(run, type, bucket))),
    hasEnded(run) && enterEnd(run, previews, deps),
    isTextless(run) && content.delete([requestKey(run.id)]),
  ]);
  if (run.status === 'generated') return run;
  const cleared = await runs.change(
    run.id,
    { pending: [], dueAt: dueAfterEvents(run, clock.now(), retentionDays) },
    { status: [run.status], pending: run.pending },
  );
  // Embedding or a deletion may have changed the run meanwhile; that write set a due time of its own.
  return cleared ?? run;
};

/** As `emitPending`, but never throws: events that fail to send stay pending, and the sweep retries them. */
export const emitQuietly = async (
  run: Run,
  deps: EmitDeps & { log: Log },
  previews: Previews = {},
): Promise<Run> => {
  try {
    return await emitPending(run, deps, previews);
  } catch (error) {
    deps.log.warn('event.delayed', { ...aboutRun(run), ...errorFields(error) });
    return run.status === 'generated' ? dueAgain(run, deps) : run;
  }
};

/** Has the sweep send the event of a generated run: it would take it for sent. */
const dueAgain = async (run: Run, { runs, clock, log }: EmitDeps & { log: Log }): Promise<Run> => {
  const due = { dueAt: clock.now() + DUE.pending, dueTries: 1 };
  try {
    return (await runs.change(run.id, due, { status: ['generated'] })) ?? run;
  } catch (error) {
    log.warn('event.delayed', { ...aboutRun(run), ...errorFields(error) });
    return run;
  }
};

const EVENT_SCHEMA_VERSION = 1;

const labelOf = (run: Pick<Run, 'labels' | 'samples'>, index: number): string =>
  run.labels[Math.floor(index / run.samples)] ?? 'default';

/**
 * Builds a run's event from the run's record alone, so a resend is identical; `event_id` is derived from run id and
 * type. The event holds pointers and figures, never a text. Its schema is docs/events/run-event.schema.json.
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

/** The change that ends a run without outputs and leaves its RunFailed event pending. */
export const endedAs = (
  status: 'failed' | 'cancelled',
  { code, message, status: httpStatus }: NonNullable<Run['error']>,
  clock: Clock,
): RunChange => ({
  status,
  lease: null,
  error: { code, message, ...(httpStatus !== undefined && { status: httpStatus }) },
  pending: ['RunFailed'],
  // Such an end is rare, and its worker may not know when the sweep would come by.
  dueAt: clock.now() + DUE.pending,
  dueTries: 0,
});

const DAY_MS = 24 * 60 * 60_000;

/**
 * When the sweep next looks at an ended run without pending events (epoch ms): once the worker of a cancelled run can no
 * longer write outputs, once a repeat of the request of a run with `store: false` can no longer save it anew, or at the
 * end of retention. `null`: never.
 */
export const dueAfterEvents = (
  run: Pick<Run, 'status' | 'store' | 'createdAt'>,
  now: number,
  retentionDays: number | undefined,
): number | null => {
  if (run.status === 'cancelled' || isTextless(run)) return now + DUE.purge;
  return retentionEnd(run, retentionDays);
};

/** End of a run's retention, epoch ms; `null` when runs are kept forever. */
export const retentionEnd = (
  run: Pick<Run, 'createdAt'>,
  retentionDays: number | undefined,
): number | null => (retentionDays === undefined ? null : Date.parse(run.createdAt) + retentionDays * DAY_MS);

/** SQS's limit: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY_SECONDS = 900;

/** A delay in whole seconds, rounded up and capped at SQS's limit of 15 minutes. */
export const delaySecondsOf = (delayMs: number): number =>
  Math.min(Math.ceil(delayMs / 1000), MAX_DELAY_SECONDS);

/** Queues a run's job in the run's own trace. `turns`: for which turn among its caller's jobs it arrives. */
export const sendRunJob = async (
  run: Pick<Run, 'id' | 'trace'>,
  jobs: JobQueue,
  delayMs = 0,
  { turns = 0 } = {},
): Promise<void> => {
  const delaySeconds = delaySecondsOf(delayMs);
  await jobs.send(
    { type: 'run', run_id: run.id, ...(turns > 0 && { turns }) },
    { ...inTraceOf(run), ...(delaySeconds > 0 && { delaySeconds }) },
  );
};
