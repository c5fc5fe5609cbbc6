import { createParser } from 'eventsource-parser';
import { IncompleteOutputError } from '../../errors.ts';
import type { ModelAnswer } from '../../generate/model.ts';
import type { TraceChunk } from '../../runs/generation.ts';
import type { Marks } from '../../timing/figures.ts';
import { withinUsage } from '../../timing/token-counts.ts';
import {
  makeTokenCounter,
  parseStreamEvent,
  type StreamError,
  type StreamEvent,
  streamErrorOf,
  stringOf,
  toolArguments,
  usageOf,
} from './stream-event.ts';

/** More than any event of a model: a line that long is not one. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;

export type AnswerReader = {
  readonly marks: Marks;
  /** Instant of the last data event; undefined before the first. */
  readonly lastEventAt: number | undefined;
  /** Whether the server has said `[DONE]`. */
  readonly done: boolean;
  readonly finishReason: string | undefined;
  /** Takes bytes that arrived at `now`. Throws what `onError` makes of an error event, or `IncompleteOutputError`. */
  feed(bytes: Uint8Array, now: number): void;
  /** The answer so far; call it once the stream has ended with a finish reason. */
  answer(requestedModel: string): Omit<ModelAnswer, 'connectMs'>;
};

/**
 * Reads a chat completion's event stream from bytes cut anywhere. Every event of one `feed` gets its instant.
 * Content, reasoning, refusals and tool arguments move t1 and tL, content tO, any data event tR, `[DONE]` tE;
 * role-only, empty, finish-only and usage-only events and comments move nothing else.
 */
export const makeAnswerReader = (
  t0: number,
  {
    onChunk,
    onError,
  }: { onChunk?: ((chunk: TraceChunk) => void) | undefined; onError: (error: StreamError) => Error },
): AnswerReader => {
  const decoder = new TextDecoder();
  const counter = makeTokenCounter();
  const marks: Marks = { t0 };
  const chunks: TraceChunk[] = [];
  let now = t0;
  let lastEventAt: number | undefined;
  let done = false;
  let text = '';
  let completionId: string | undefined;
  let model: string | undefined;
  let finishReason: string | undefined;
  let usage: StreamEvent['usage'];
  let usageIsFinal = false;

  const add = (payload: string, kind: TraceChunk['kind'], event: StreamEvent, alone: boolean): void => {
    const counted = counter.count(event, kind, alone);
    const chunk: TraceChunk = { t_ms: now - t0, text: payload, tokens: counted.tokens };
    if (kind !== undefined) chunk.kind = kind;
    if (counted.logprobs !== undefined) chunk.logprobs = counted.logprobs;
    marks.t1 ??= now;
    marks.tL = now;
    if (kind === undefined) {
      marks.tO ??= now;
      text += payload;
    }
    chunks.push(chunk);
    onChunk?.(chunk);
  };

  const take = (event: StreamEvent): void => {
    completionId ??= stringOf(event.id) || undefined;
    model ??= stringOf(event.model) || undefined;
    const choice = event.choices?.[0];
    if (choice?.finish_reason === 'error') throw onError({ message: 'it gave up amid the output' });
    finishReason = stringOf(choice?.finish_reason) || finishReason;
    if (event.usage) {
      usage = event.usage;
      usageIsFinal = finishReason !== undefined;
    }
    const delta = choice?.delta;
    if (!delta) return;
    const reasoning = stringOf(delta.reasoning_content) || stringOf(delta.reasoning);
    const content = stringOf(delta.content);
    const refusal = stringOf(delta.refusal);
    const tool = delta.tool_calls || delta.function_call ? toolArguments(delta) : '';
    const payloads =
      Number(reasoning !== '') + Number(content !== '') + Number(refusal !== '') + Number(tool !== '');
    if (payloads === 0) counter.skip(event);
    const alone = payloads === 1;
    if (reasoning !== '') add(reasoning, 'reasoning', event, alone);
    if (content !== '') add(content, undefined, event, alone);
    if (refusal !== '') add(refusal, 'refusal', event, alone);
    if (tool !== '') add(tool, 'tool', event, alone);
  };

  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent({ data, event: type }) {
      if (done || data.trim() === '') return; // some servers keep a connection alive by events without data
      marks.tR ??= now;
      lastEventAt = now;
      if (data === '[DONE]') {
        done = true;
        marks.tE = now;
        return;
      }
      const event = parseStreamEvent(data);
      if (event.error || type === 'error') throw onError(streamErrorOf(event));
      take(event);
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded')
        throw new IncompleteOutputError('the model server sent an endless event');
    },
  });

  return {
    marks,
    get lastEventAt() {
      return lastEventAt;
    },
    get done() {
      return done;
    },
    get finishReason() {
      return finishReason;
    },
    feed(bytes, at) {
      now = at;
      parser.feed(decoder.decode(bytes, { stream: true }));
    },
    answer: (requestedModel) => {
      const counts = usageOf(usage, usageIsFinal);
      return {
        completionId: completionId ?? null,
        model: model ?? requestedModel,
        text,
        finishReason: finishReason ?? '',
        usage: counts,
        marks,
        chunks: withinUsage(chunks, counts),
      };
    },
  };
};
