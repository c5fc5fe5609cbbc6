import { IncompleteOutputError } from '../../errors.ts';
import type { ModelAnswer } from '../../generate/model.ts';
import { isObject } from '../../json/value.ts';
import type { TraceChunk } from '../../runs/generation.ts';
import type { ReasoningProgress } from '../../runs/reasoning.ts';
import type { BegunCall } from '../../runs/tool-call.ts';
import type { Endpoint } from '../../sampling/setting.ts';
import type { Marks } from '../../timing/figures.ts';
import { makeBodyEvents, unreadable } from './body-events.ts';
import { makeEventJson } from './event-json.ts';
import { makeOutput } from './output.ts';
import { errorIn, isSaid, type Refused, readRefused } from './refused.ts';
import { makeResponsesEvents, type ResponsesEvents } from './responses-events.ts';
import {
  type Choice,
  choicesOf,
  MAX_ALTERNATIVES,
  nameOf,
  type StreamEvent,
  type UsageObject,
  usageIn,
} from './stream-event.ts';

export type AnswerReader = {
  readonly marks: Marks;
  /**
   * When the last data event up to the finish reason arrived, on the monotonic clock; undefined before the first. Those
   * after it do not count: an output that is whole does not wait for them without end.
   */
  readonly lastEventAt: number | undefined;
  /** Whether the answer has ended, by `[DONE]` or by an event too long to read on. */
  readonly done: boolean;
  readonly finishReason: string | undefined;
  /**
   * Parses bytes that arrived at `now`. Once there is a finish reason, an error becomes a warning of the answer.
   * @throws The error that `onError` makes of an error event.
   * @throws {IncompleteOutputError} When an event is too long or broken JSON, and `unreadable_output` when the bytes
   * are no event stream and no JSON.
   */
  feed(bytes: Uint8Array, now: number): void;
  /** Ends the body: reads a last event without a blank line, or a whole completion. Throws as `feed` does. */
  end(): void;
  /** The answer's own error, if the stream, which has ended, is no answer. `stop`: the sequences that were sent. */
  failure(sent: { stop?: unknown }): IncompleteOutputError | undefined;
  /** The answer as read so far; call it after the stream has ended without `failure`. */
  answer(requestedModel: string): Omit<ModelAnswer, 'connectMs' | 'readDelays'>;
};

type ReaderOptions = {
  contentType?: string | null;
  /** The endpoint that was asked; undefined: that of chat completions. */
  endpoint?: Endpoint | undefined;
  onChunk?: ((chunk: TraceChunk, t0: number) => void) | undefined;
  onCall?: ((begun: BegunCall) => void) | undefined;
  onReasoning?: ((progress: ReasoningProgress) => void) | undefined;
  /** Called once, after the event with the finish reason. */
  onFinish?: (finishReason: string, model: string | undefined) => void;
  /** Makes the error of an error event. `output` is all text so far, which the message must not repeat. */
  onError(refused: Refused, output: string): Error;
};

/**
 * Reads a chat completion's event stream from byte chunks split anywhere, even within a character. All events of one
 * `feed` get the time of that call. Also reads a whole completion that came instead of a stream, as arrived at its end.
 *
 * Sets the marks: tR at the first data event, t1 at the first payload (content, reasoning, refusal or tool arguments),
 * tO at the first content, tL at the last payload, tE at `[DONE]`. Events with only a role, a finish reason or usage,
 * and empty ones, set tR alone; comments set nothing. Events that are no JSON objects, and objects that are neither
 * chunks nor errors, are passed over, as the official SDKs do.
 *
 * A stream of the Responses API is read as what it says in chunks; its last event is the end that `[DONE]` is elsewhere.
 * Its summaries of reasoning are no tokens of the output: they set tR alone.
 */
export const makeAnswerReader = (
  t0: number,
  { contentType = null, endpoint, onChunk, onCall, onReasoning, onFinish, onError }: ReaderOptions,
): AnswerReader => {
  const decoder = new TextDecoder();
  const parseEvent = makeEventJson();
  const marks: Marks = { t0 };
  const output = makeOutput(marks, { onChunk, onCall });
  const responses = endpoint === 'responses' ? makeResponsesEvents(onReasoning) : undefined;
  let now = t0;
  let lastEventAt: number | undefined;
  let done = false;
  let hasEnded = false;
  let completionId: string | undefined;
  let model: string | undefined;
  let finishReason: string | undefined;
  let choiceIndex: unknown;
  let hasOtherChoices = false;
  let isDocument = false;
  let lateError: Error | undefined;

  /** An error before the finish reason ends the reading. After it the output is whole, and the first error is told. */
  const fail = (makeError: () => Error): void => {
    if (finishReason === undefined) throw makeError();
    lateError ??= makeError();
  };

  const failBy = (error: unknown): void =>
    fail(() =>
      onError(readRefused(error), [output.textSoFar(), ...(responses?.reasoningTexts() ?? [])].join('\n')),
    );

  const take = (event: StreamEvent): void => {
    completionId ??= nameOf(event.id) || undefined;
    model ??= nameOf(event.model) || undefined;
    const choice = choiceOf(event.choices);
    const usage = usageIn(event, choice);
    const isSum = isDocument || event.object === 'chat.completion';
    // A sum's usage is no running count of its one chunk.
    if (choice !== undefined) takeChoice(choice, isSum ? undefined : usage, isSum);
    if (usage !== undefined) output.takeUsage(usage, finishReason !== undefined);
  };

  /** The one choice that is read, by the index of the first: more than one is never requested. */
  const choiceOf = (choices: unknown): Choice | undefined => {
    const [only] = Array.isArray(choices) && choices.length === 1 ? choices : [];
    if (isObject(only) && only.index === choiceIndex && choiceIndex !== undefined) return only;
    const all = choicesOf(choices);
    if (all.length === 0) return undefined;
    choiceIndex ??= all.some(({ index }) => index === 0) ? 0 : (all[0]?.index ?? 0);
    const choice = all.find(({ index }) => (index ?? choiceIndex) === choiceIndex);
    if (all.length > (choice === undefined ? 0 : 1)) hasOtherChoices = true;
    return choice;
  };

  const takeChoice = (choice: Choice, usage: UsageObject | undefined, isSum: boolean): void => {
    if (isSaid(choice.error) || choice.finish_reason === 'error') {
      failBy(isSaid(choice.error) ? choice.error : 'it stopped in the middle of the output');
      return;
    }
    const finish = nameOf(choice.finish_reason);
    output.take(choice, usage, isSum || finish !== '', now);
    if (output.isTooLong) throw endless();
    if (finish === '') return;
    const isFirst = finishReason === undefined;
    finishReason = finish;
    if (!isFirst) return;
    output.end();
    onFinish?.(finish, model);
  };

  /** Parses the data of an event; undefined for a word that is no JSON. The parser's own error quotes the output. */
  const parse = (data: string, type: string | undefined): unknown => {
    try {
      return parseEvent(data);
    } catch {
      if (type === 'error') return data;
      if (/["{[]/.test(data))
        fail(() => new IncompleteOutputError('the model server sent an event that is not JSON'));
      return undefined;
    }
  };

  const onEvent = (data: string, type: string | undefined): void => {
    if (done) return;
    const plain = data.charCodeAt(0) === 123 ? data : data.trim(); // 123 is `{`, as in almost all events
    if (plain === '') return; // some servers send events without data as keep-alives
    marks.tR ??= now;
    if (finishReason === undefined) lastEventAt = now;
    if (plain === '[DONE]') {
      endHere();
      return;
    }
    if (responses?.isRepeated(type)) return;
    const event = parse(plain, type);
    if (responses && isObject(event)) {
      takeResponse(event, type, responses);
      return;
    }
    const error = type === 'error' ? event : errorIn(event);
    if (error !== undefined) failBy(error);
    else if (isObject(event)) take(event);
  };

  const endHere = (): void => {
    done = true;
    marks.tE = now;
  };

  const takeResponse = (
    event: Record<string, unknown>,
    type: string | undefined,
    events: ResponsesEvents,
  ): void => {
    const { chunks, isEnd, error } = events.translate(event, type);
    if (error !== undefined) {
      failBy(error);
      return;
    }
    for (const chunk of chunks) take(chunk);
    if (events.isTooLong) throw endless();
    if (isEnd) endHere();
  };

  const onDocument = (document: unknown): void => {
    marks.tR ??= now;
    lastEventAt = now;
    const whole = isObject(document) ? document : undefined;
    const { chunks, error } =
      whole && responses
        ? responses.translateDocument(whole)
        : { chunks: whole ? [whole] : [], error: errorIn(document) };
    if (error !== undefined) failBy(error);
    isDocument = true;
    for (const chunk of chunks) take(chunk);
    if (finishReason === undefined) throw unreadable(contentType);
  };

  const body = makeBodyEvents({ onEvent, onDocument }, contentType, { repeats: responses !== undefined });

  const read = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      // The parser does not go on after an event that is too long.
      if (finishReason === undefined || !(error instanceof IncompleteOutputError)) throw error;
      fail(() => error);
      endHere();
    }
  };

  const warnings = (): string[] => [
    ...(isDocument
      ? ['the model server sent a whole completion, not a stream: times between tokens are unknown']
      : []),
    ...(hasOtherChoices ? ['the model server sent several choices, of which one was read'] : []),
    ...(output.hasUnread ? ['a part of the output came in an unknown shape and was left out'] : []),
    ...(output.hasReplaced ? ['half of a character came without the other half and became U+FFFD'] : []),
    ...(output.hasDropped
      ? [
          `top_logprobs has more than ${MAX_ALTERNATIVES} tokens in all; later tokens have their own logprob alone`,
        ]
      : []),
    ...(lateError ? [`an error that came after the whole output was passed over: ${lateError.message}`] : []),
  ];

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
      if (done) return;
      now = at;
      read(() => body.feed(decoder.decode(bytes, { stream: true })));
    },
    end() {
      hasEnded = true;
      read(() => {
        body.feed(decoder.decode());
        body.end();
      });
    },
    failure(sent) {
      if (finishReason === undefined) {
        return body.hasBegun && marks.tR === undefined && isOtherType(contentType)
          ? unreadable(contentType)
          : new IncompleteOutputError('the stream of the model server ended without a finish reason');
      }
      output.end();
      return output.isLost(finishReason, output.usage(done || hasEnded), sent) ? lost() : undefined;
    },
    answer(requestedModel) {
      const usage = output.usage(done || hasEnded);
      const reasoning = responses?.reasoning() ?? [];
      output.end();
      return {
        completionId: completionId ?? null,
        model: model ?? requestedModel,
        text: output.text,
        toolCalls: output.toolCalls(),
        ...(reasoning.length > 0 && { reasoning }),
        finishReason: finishReason ?? '',
        usage,
        marks,
        chunks: output.chunks(usage),
        warnings: warnings(),
      };
    },
  };
};

const endless = (): IncompleteOutputError =>
  new IncompleteOutputError('the model server sent more text than any output has, and did not stop', {
    retryable: false,
  });

const isOtherType = (contentType: string | null): boolean =>
  contentType !== null && !/\btext\/event-stream\b/i.test(contentType);

const lost = (): IncompleteOutputError =>
  new IncompleteOutputError(
    'the model server sent no text in a known shape, though it generated an output; choose another server, or report the shape of its answers',
    { code: 'unreadable_output', retryable: false },
  );
