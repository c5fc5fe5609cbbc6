import type { TraceChunk, Usage } from '../../runs/generation.ts';
import type { BegunCall } from '../../runs/tool-call.ts';
import type { Marks } from '../../timing/figures.ts';
import { streamedTokens, withinUsage } from '../../timing/token-counts.ts';
import { makeCalls } from './calls.ts';
import { makeCharacterJoiner, type Source } from './characters.ts';
import { type Payloads, payloadsOf } from './payloads.ts';
import { type Choice, makeTokenCounter, type UsageObject, usageOf } from './stream-event.ts';

/** How many chunks an output has when its count came with or after the finish reason: it is final. */
const ANY_NUMBER = Number.POSITIVE_INFINITY;

/** Far more than any model's 131,072 tokens. Beyond it the server does not stop, and would fill the memory. */
const MAX_CHARS = 8 * 1024 * 1024;
const MAX_CHUNKS = 1_000_000;
/** Far more calls of tools than any answer has. */
const MAX_CALLS = 1_000;

/**
 * Gathers an output from the choices of its events: its chunks with their tokens, its text and its usage. Sets the
 * marks t1, tO and tL, at the instant `now` of the payloads.
 */
export const makeOutput = (
  marks: Marks,
  {
    onChunk,
    onCall,
  }: {
    onChunk?: ((chunk: TraceChunk, t0: number) => void) | undefined;
    onCall?: ((begun: BegunCall) => void) | undefined;
  } = {},
) => {
  const calls = makeCalls(onCall);
  const counter = makeTokenCounter();
  const characters = makeCharacterJoiner();
  const chunks: TraceChunk[] = [];
  let text = '';
  let chars = 0;
  let hasUnread = false;
  /** Copies: the objects of events do not last. */
  let promptUsage: Pick<Usage, 'prompt_tokens' | 'cached_tokens'> | undefined;
  let outputUsage: Pick<Usage, 'completion_tokens' | 'reasoning_tokens'> | undefined;
  /** How many chunks had come when the output was counted. */
  let countedChunks = 0;

  const push = (chunk: TraceChunk, at: number): void => {
    marks.t1 ??= at;
    marks.tL = at;
    if (chunk.kind === undefined) {
      marks.tO ??= at;
      text += chunk.text;
    }
    if (chunk.call !== undefined) calls.add(chunk.call, chunk.text);
    chars += chunk.text.length;
    chunks.push(chunk);
    onChunk?.(chunk, marks.t0);
  };

  const textSoFar = (isOwn: (chunk: TraceChunk) => boolean = () => true): string =>
    chunks.flatMap((chunk) => (isOwn(chunk) ? chunk.text : [])).join('');

  /** Removes what has come before: a message at the end repeats what the deltas have sent, perhaps trimmed. */
  const removeRepeated = (found: Payloads): void => {
    for (const name of ['content', 'reasoning', 'refusal'] as const)
      found[name] = withoutRepeated(
        found[name],
        textSoFar(({ kind = 'content' }) => kind === name),
      );
    for (const [at, part] of found.calls.entries()) calls.removeRepeated(part, at);
  };

  return {
    get text() {
      return text;
    },
    /** All payloads so far, reasoning and tool arguments included. */
    textSoFar: () => textSoFar(),
    get isTooLong() {
      return chars > MAX_CHARS || chunks.length > MAX_CHUNKS || calls.count > MAX_CALLS;
    },
    /** Whether a part had a shape that is not known. */
    get hasUnread() {
      return hasUnread;
    },
    /** Whether half of a character was alone and replaced; known after `end`. */
    get hasReplaced() {
      return characters.replaced;
    },
    /** Whether alternatives of tokens were left out, since there were too many. */
    get hasDropped() {
      return counter.hasDropped;
    },
    /** Takes the payloads of a choice. `isSum`: a message in it is the whole output. */
    take(choice: Choice, usage: UsageObject | undefined, isSum: boolean, now: number): void {
      const add = (payload: string, source: Source, alone: boolean): void => {
        if (payload === '') return;
        const joined = characters.join(payload, source, now);
        if (joined === '') {
          counter.skip(choice);
          return;
        }
        const chunk = chunkOf(source, now - marks.t0, joined);
        const counted = counter.count(choice, usage, chunk.kind, alone);
        chunk.tokens = counted.tokens;
        if (counted.logprobs !== undefined) chunk.logprobs = counted.logprobs;
        push(chunk, now);
      };
      const found = payloadsOf(choice);
      if (found.hasUnread) hasUnread = true;
      if (found.isMessage && isSum) removeRepeated(found);
      const { content, reasoning, refusal } = found;
      let payloads = Number(reasoning !== '') + Number(content !== '') + Number(refusal !== '');
      for (const { text: part } of found.calls) if (part !== '') payloads++;
      if (payloads === 0) counter.skip(choice);
      const alone = payloads === 1;
      add(reasoning, 'reasoning', alone);
      add(content, undefined, alone);
      add(refusal, 'refusal', alone);
      for (const part of found.calls) add(part.text, calls.take(part), alone);
    },
    /** Takes the counts that are there. A zero after a real count is a placeholder. */
    takeUsage(usage: UsageObject, isFinished: boolean): void {
      const counts = usageOf(usage, usage);
      if (counts.prompt_tokens || !promptUsage) promptUsage = counts;
      const { completion_tokens: completion } = counts;
      if (completion === null || (completion === 0 && outputUsage)) return;
      outputUsage = counts;
      countedChunks = isFinished ? ANY_NUMBER : chunks.length;
    },
    /**
     * The usage. The output's counts are null while they may still grow: those that came before the finish reason are
     * final only if the stream has ended (`isWhole`) without more text after them.
     */
    usage(isWhole: boolean): Usage {
      const isFinal = countedChunks === ANY_NUMBER || (isWhole && countedChunks === chunks.length);
      const counted = isFinal ? outputUsage : undefined;
      return {
        prompt_tokens: promptUsage?.prompt_tokens ?? null,
        completion_tokens: counted?.completion_tokens ?? null,
        reasoning_tokens: counted?.reasoning_tokens ?? null,
        cached_tokens: promptUsage?.cached_tokens ?? null,
      };
    },
    /**
     * Adds halves of characters that still wait for the other half. They have the instant of their arrival, or that of
     * the last chunk if it is later.
     */
    end(): void {
      const isCounted = countedChunks === chunks.length;
      for (const [source, arrivedAt] of characters.rest()) {
        const at = Math.max(arrivedAt, marks.tL ?? arrivedAt);
        push(chunkOf(source, at - marks.t0, '\uFFFD'), at);
      }
      if (isCounted) countedChunks = chunks.length;
    },
    /** The calls of tools, in the order in which they began. */
    toolCalls: () => calls.list(),
    /** The chunks, without their tokens if these are more than the usage has. */
    chunks: (usage: Usage): TraceChunk[] => withinUsage(chunks, usage),
    /**
     * Whether an output without any payload has lost its text: a part was not understood, or the server counted visible
     * tokens. An empty output may count one, the token that ends it. The server may also have filtered the text, or
     * have cut it at a `stop` sequence.
     */
    isLost(finishReason: string, usage: Usage, { stop }: { stop?: unknown }): boolean {
      if (chunks.length > 0 || calls.count > 0) return false;
      const isWithheld = finishReason === 'content_filter' || (finishReason === 'stop' && stop !== undefined);
      return hasUnread || (!isWithheld && (streamedTokens(usage, false) ?? 0) > 1);
    },
  };
};

const chunkOf = (source: Source, t_ms: number, text: string): TraceChunk => {
  if (source === undefined) return { t_ms, text, tokens: null };
  if (typeof source === 'number') return { t_ms, text, tokens: null, kind: 'tool', call: source };
  return { t_ms, text, tokens: null, kind: source };
};

/** A text without the one that came before it, which it repeats; empty if it repeats that trimmed. */
const withoutRepeated = (text: string, before: string): string => {
  if (text.startsWith(before)) return text.slice(before.length);
  return text.trim() === before.trim() ? '' : text;
};
