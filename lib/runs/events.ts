import { inTraceOf } from './about-run.ts';
import { outputKey } from './keys.ts';
import type { DomainEvent } from './ports.ts';
import type { EventType, Run } from './run.ts';

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
