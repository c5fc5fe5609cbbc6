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

/** Larger than any real event; beyond it the stream is treated as broken. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;

export type AnswerReader = {
  readonly marks: Marks;
  /** When the last data event arrived, on the monotonic clock; undefined before the first. */
  readonly lastEventAt: number | undefined;
  /** Whether the server has sent `[DONE]`. */
  readonly done: boolean;
  readonly finishReason: string | undefined;
  /**
   * Parses bytes that arrived at `now`.
   * @throws The error that `onError` makes of an error event.
   * @throws {IncompleteOutputError} When an event is too long or not a JSON object.
   */
  feed(bytes: Uint8Array, now: number): void;
  /** The answer as read so far; call it after the stream has ended with a finish reason. */
  answer(requestedModel: string): Omit<ModelAnswer, 'connectMs'>;
};

/**
 * Reads a chat completion's event stream from byte chunks split anywhere, even within a character. All events of one
 * `feed` get the time of that call.
 *
 * Sets the marks: tR at the first data event, t1 at the first payload (content, reasoning, refusal or tool arguments),
 * tO at the first content, tL at the last payload, tE at `[DONE]`. Events with only a role, a finish reason or usage,
 * and empty ones, set tR alone; comments set nothing.
 */
export const makeAnswerReader = (
  t0: number,
  {
    onChunk,
    onFinish,
    onError,
  }: {
    onChunk?: ((chunk: TraceChunk) => void) | undefined;
    /** Called once, after the event with the finish reason. */
    onFinish?: (finishReason: string, model: string | undefined) => void;
    onError: (error: StreamError) => Error;
  },
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
    if (choice?.finish_reason === 'error')
      throw onError({ message: 'it stopped in the middle of the output' });
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
      if (done || data.trim() === '') return; // some servers send events without data as keep-alives
      marks.tR ??= now;
      lastEventAt = now;
      if (data === '[DONE]') {
        done = true;
        marks.tE = now;
        return;
      }
      const event = parseStreamEvent(data);
      if (event.error || type === 'error') throw onError(streamErrorOf(event));
      const isFirstEnd = finishReason === undefined;
      take(event);
      if (isFirstEnd && finishReason !== undefined) onFinish?.(finishReason, model);
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded')
        throw new IncompleteOutputError('the model server sent an event of more than 8 MiB');
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
