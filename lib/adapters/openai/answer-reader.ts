import { IncompleteOutputError } from '../../errors.ts';
import type { ModelAnswer } from '../../generate/model.ts';
import { isObject } from '../../json/value.ts';
import type { TraceChunk, Usage } from '../../runs/generation.ts';
import type { Marks } from '../../timing/figures.ts';
import { streamedTokens, withinUsage } from '../../timing/token-counts.ts';
import { makeBodyEvents, unreadable } from './body-events.ts';
import { makeCharacterJoiner } from './characters.ts';
import { type Payloads, payloadsOf } from './payloads.ts';
import { errorIn, isSaid, type Refused, readRefused } from './refused.ts';
import {
  type Choice,
  choicesOf,
  countOf,
  makeTokenCounter,
  nameOf,
  type StreamEvent,
  type UsageObject,
  usageIn,
  usageOf,
} from './stream-event.ts';

/** More warnings than this of one stream tell nothing new. */
const MAX_WARNINGS = 8;

export type AnswerReader = {
  readonly marks: Marks;
  /** When the last data event arrived, on the monotonic clock; undefined before the first. */
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
  /** The reason why the stream, which has ended, is no answer; undefined if it is one. */
  failure(sent: { stop?: unknown }): IncompleteOutputError | undefined;
  /** The answer as read so far; call it after the stream has ended without `failure`. */
  answer(requestedModel: string): Omit<ModelAnswer, 'connectMs'>;
};

export type ReaderOptions = {
  contentType?: string | null;
  onChunk?: ((chunk: TraceChunk) => void) | undefined;
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
 */
export const makeAnswerReader = (
  t0: number,
  { contentType = null, onChunk, onFinish, onError }: ReaderOptions,
): AnswerReader => {
  const decoder = new TextDecoder();
  const counter = makeTokenCounter();
  const characters = makeCharacterJoiner();
  const marks: Marks = { t0 };
  const chunks: TraceChunk[] = [];
  const warnings = new Set<string>();
  let now = t0;
  let lastEventAt: number | undefined;
  let done = false;
  let hasEnded = false;
  let text = '';
  let completionId: string | undefined;
  let model: string | undefined;
  let finishReason: string | undefined;
  let choiceIndex: unknown;
  let hasCall = false;
  let hasUnread = false;
  let promptUsage: UsageObject | undefined;
  let outputUsage: UsageObject | undefined;
  /** How many chunks had come when the output was counted; infinitely many once there was a finish reason. */
  let countedChunks = 0;

  const warn = (warning: string): void => {
    if (warnings.size < MAX_WARNINGS) warnings.add(warning);
  };

  /** An error before the finish reason ends the reading; after it, the answer is whole. */
  const fail = (error: Error): void => {
    if (finishReason === undefined) throw error;
    warn(`after the finish reason came an error, which was passed over: ${error.message}`);
  };

  const failBy = (error: unknown): void =>
    fail(onError(readRefused(error), chunks.map((chunk) => chunk.text).join('')));

  const push = (chunk: TraceChunk, at: number): void => {
    marks.t1 ??= at;
    marks.tL = at;
    if (chunk.kind === undefined) {
      marks.tO ??= at;
      text += chunk.text;
    }
    chunks.push(chunk);
    onChunk?.(chunk);
  };

  const add = (
    payload: string,
    kind: TraceChunk['kind'],
    choice: Choice,
    usage: UsageObject | undefined,
    alone: boolean,
  ): void => {
    const joined = characters.join(payload, kind, now);
    if (joined === '') {
      counter.skip(choice);
      return;
    }
    const counted = counter.count(choice, usage, kind, alone);
    const chunk: TraceChunk = { t_ms: now - t0, text: joined, tokens: counted.tokens };
    if (kind !== undefined) chunk.kind = kind;
    if (counted.logprobs !== undefined) chunk.logprobs = counted.logprobs;
    push(chunk, now);
  };

  /** Halves of characters still waiting at the end. Their time is their arrival, or that of the last chunk if later. */
  const addRest = (): void => {
    for (const [kind, arrivedAt] of characters.rest()) {
      const at = Math.max(arrivedAt, marks.tL ?? arrivedAt);
      const chunk: TraceChunk = { t_ms: at - t0, text: '\uFFFD', tokens: null };
      if (kind !== undefined) chunk.kind = kind;
      push(chunk, at);
    }
  };

  /** The part of a message's text that has not come before: at its end a message repeats what deltas have sent. */
  const newPart = (whole: string, kind: TraceChunk['kind']): string => {
    const before = chunks.flatMap((chunk) => (chunk.kind === kind ? chunk.text : [])).join('');
    return whole.startsWith(before) ? whole.slice(before.length) : whole;
  };

  const addAll = (found: Payloads, choice: Choice, usage: UsageObject | undefined): void => {
    const { content, reasoning, refusal, tool } = found;
    const payloads =
      Number(reasoning !== '') + Number(content !== '') + Number(refusal !== '') + Number(tool !== '');
    if (payloads === 0) counter.skip(choice);
    const alone = payloads === 1;
    if (reasoning !== '') add(reasoning, 'reasoning', choice, usage, alone);
    if (content !== '') add(content, undefined, choice, usage, alone);
    if (refusal !== '') add(refusal, 'refusal', choice, usage, alone);
    if (tool !== '') add(tool, 'tool', choice, usage, alone);
  };

  /** Takes counts that are there. A zero after a real count is a placeholder. */
  const takeUsage = (usage: UsageObject): void => {
    if (countOf(usage.prompt_tokens) || !promptUsage) promptUsage = usage;
    const isCounted = countOf(usage.completion_tokens) !== null;
    if (!isCounted || (usage.completion_tokens === 0 && outputUsage)) return;
    outputUsage = usage;
    countedChunks = finishReason === undefined ? chunks.length : Number.POSITIVE_INFINITY;
  };

  const take = (event: StreamEvent): void => {
    completionId ??= nameOf(event.id) || undefined;
    model ??= nameOf(event.model) || undefined;
    const choice = choiceOf(event.choices);
    const usage = usageIn(event, choice);
    if (choice !== undefined) takeChoice(choice, usage, event.object === 'chat.completion');
    if (usage !== undefined) takeUsage(usage);
  };

  /** The one choice that is read, by the index of the first: more than one is never requested. */
  const choiceOf = (choices: unknown): Choice | undefined => {
    const [only] = Array.isArray(choices) && choices.length === 1 ? choices : [];
    if (isObject(only) && only.index === choiceIndex && choiceIndex !== undefined) return only;
    const all = choicesOf(choices);
    if (all.length === 0) return undefined;
    choiceIndex ??= all.some(({ index }) => index === 0) ? 0 : (all[0]?.index ?? 0);
    const choice = all.find(({ index }) => (index ?? choiceIndex) === choiceIndex);
    if (all.length > (choice === undefined ? 0 : 1))
      warn('the model server sent several choices, of which one was read');
    return choice;
  };

  const takeChoice = (choice: Choice, usage: UsageObject | undefined, isSum: boolean): void => {
    if (isSaid(choice.error) || choice.finish_reason === 'error') {
      failBy(isSaid(choice.error) ? choice.error : 'it stopped in the middle of the output');
      return;
    }
    const finish = nameOf(choice.finish_reason);
    const found = payloadsOf(choice);
    if (found.hasCall) hasCall = true;
    if (found.hasUnread) hasUnread = true;
    if (found.isMessage && (isSum || finish !== '')) {
      found.content = newPart(found.content, undefined);
      found.reasoning = newPart(found.reasoning, 'reasoning');
      found.refusal = newPart(found.refusal, 'refusal');
      found.tool = newPart(found.tool, 'tool');
    }
    addAll(found, choice, usage);
    if (finish === '') return;
    const isFirst = finishReason === undefined;
    finishReason = finish;
    if (!isFirst) return;
    addRest();
    onFinish?.(finishReason, model);
  };

  /** Parses the data of an event; undefined for a word that is no JSON. The parser's own error quotes the output. */
  const parse = (data: string, type: string | undefined): unknown => {
    try {
      return JSON.parse(data);
    } catch {
      if (type === 'error') return data;
      if (/["{[]/.test(data))
        fail(new IncompleteOutputError('the model server sent an event that is not JSON'));
      return undefined;
    }
  };

  const body = makeBodyEvents(
    {
      onEvent(data, type) {
        if (done) return;
        const plain = data.charCodeAt(0) === 123 ? data : data.trim(); // `{`: an event as usual
        if (plain === '') return; // some servers send events without data as keep-alives
        marks.tR ??= now;
        lastEventAt = now;
        if (plain === '[DONE]') {
          done = true;
          marks.tE = now;
          return;
        }
        const event = parse(plain, type);
        const error = type === 'error' ? event : errorIn(event);
        if (error !== undefined) failBy(error);
        else if (isObject(event)) take(event);
      },
      onDocument(document) {
        marks.tR ??= now;
        lastEventAt = now;
        const error = errorIn(document);
        if (error !== undefined) failBy(error);
        if (!isObject(document)) throw unreadable(contentType);
        take(document);
        if (finishReason === undefined) throw unreadable(contentType);
        warn(
          'the model server sent a whole completion instead of a stream, so times between tokens are unknown',
        );
      },
    },
    contentType,
  );

  const read = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      // The parser does not go on after an event that is too long.
      if (finishReason === undefined || !(error instanceof IncompleteOutputError)) throw error;
      fail(error);
      done = true;
    }
  };

  const usageSoFar = (): Usage => {
    // A count before the finish reason is final only if the stream has ended without more text or another count.
    const isFinal =
      countedChunks === Number.POSITIVE_INFINITY || ((done || hasEnded) && countedChunks === chunks.length);
    return usageOf(promptUsage, isFinal ? outputUsage : undefined);
  };

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
      const isEmpty = chunks.length === 0 && !hasCall;
      return isEmpty && (hasUnread || mustHaveText(finishReason, usageSoFar(), sent))
        ? new IncompleteOutputError(
            'the model server counted tokens of an output, but sent no text in a known shape; report its shape, or choose another server',
            { code: 'unreadable_output', retryable: false },
          )
        : undefined;
    },
    answer: (requestedModel) => {
      addRest();
      if (characters.replaced) warn('half of a character came without the other half and became U+FFFD');
      if (hasUnread) warn('a part of the output came in an unknown shape and was left out');
      const counts = usageSoFar();
      return {
        completionId: completionId ?? null,
        model: model ?? requestedModel,
        text,
        finishReason: finishReason ?? '',
        usage: counts,
        marks,
        chunks: withinUsage(chunks, counts),
        warnings: [...warnings],
      };
    },
  };
};

const isOtherType = (contentType: string | null): boolean =>
  contentType !== null && !/\btext\/event-stream\b/i.test(contentType);

/**
 * Whether an answer without any payload has lost its text, by the server's count of visible tokens. An empty answer
 * may count one: the token that ends it. The server may also have filtered the text, or cut it at a `stop` sequence.
 */
const mustHaveText = (finishReason: string, usage: Usage, { stop }: { stop?: unknown }): boolean => {
  const isWithheld = finishReason === 'content_filter' || (finishReason === 'stop' && stop !== undefined);
  return !isWithheld && (streamedTokens(usage, false) ?? 0) > 1;
};
