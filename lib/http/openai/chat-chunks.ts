import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { jsonBytes } from '../../json/value.ts';
import { answeringModelOf, chatUsageOf, completionIdOf, createdOf } from '../../openai/chat-completion.ts';
import { functionFinish } from '../../openai/legacy-functions.ts';
import { figuresOf } from '../../openai/run-figures.ts';
import type { RunView } from '../../runs/view.ts';
import { DONE, encodeData } from '../event-stream.ts';
import type { Problem } from '../problem.ts';
import type { AnswerOptions } from './chat-request.ts';
import type { chatChunkSchema } from './chat-schemas.ts';
import type { ChoicePart } from './choice-deltas.ts';
import { openaiErrorOf } from './openai-error.ts';

type ChatChunk = z.infer<typeof chatChunkSchema>;
type Choice = ChatChunk['choices'][number];

/** The encoded events of a streamed chat completion; `index` is that of the choice. */
export type ChatChunks = {
  /** The first event of a choice, with the role; `next` is its first part, if that has come. */
  first(index: number, next?: ChoicePart): Uint8Array;
  part(index: number, part: ChoicePart): Uint8Array;
  finish(index: number, end: { model: string; finishReason: string | null }): Uint8Array;
  /** The events after all choices: usage and figures if usage was requested, `[DONE]`. */
  tail(run: RunView): Uint8Array;
  /** The last event of a stream that fails. */
  error(problem: Problem): Uint8Array;
};

/** The tier of every answer: no tier is sent to the model server, and prices and budgets are those of the standard one. */
export const COUNTED_TIER = 'default' as const;

/**
 * The events of a run as OpenAI's `chat.completion.chunk` objects. Events before the finish reason name the requested
 * model, since the model that answered is known only at the end.
 */
export const makeChatChunks = (run: RunView, options: AnswerOptions): ChatChunks => {
  const { includeUsage, includeObfuscation, tellTier, asFunctions } = options;
  const head = {
    id: completionIdOf(run),
    object: 'chat.completion.chunk' as const,
    created: createdOf(run),
    ...(tellTier && { service_tier: COUNTED_TIER }),
  };
  const noUsage = includeUsage ? { usage: null } : {};
  const encode = (chunk: ChatChunk) => encodeData(includeObfuscation ? padded(chunk) : chunk);
  const event = (model: string, choice: Pick<Choice, 'index' | 'delta'> & Partial<Choice>): Uint8Array =>
    encode({
      ...head,
      model,
      choices: [{ logprobs: null, finish_reason: null, ...choice }],
      ...noUsage,
    });
  return {
    first: (index, next) => {
      const isCall = next?.delta.tool_calls || next?.delta.function_call;
      const content = isCall ? null : '';
      return event(run.model, { index, delta: { role: 'assistant', content, refusal: null } });
    },
    part: (index, part) => event(run.model, { index, ...part }),
    finish: (index, { model, finishReason }) =>
      event(model, {
        index,
        delta: {},
        finish_reason: asFunctions ? functionFinish(finishReason) : finishReason,
      }),
    tail: tailOf(includeUsage, (last) => encode({ ...head, ...last })),
    error: (problem) => encodeData(openaiErrorOf(problem)),
  };
};

type LastChunk = ReturnType<typeof lastChunkOf>;

const lastChunkOf = (ended: RunView) => ({
  model: answeringModelOf(ended),
  choices: [],
  usage: chatUsageOf(ended) ?? null,
  everytoken: figuresOf(ended),
});

/** Makes the events after the last choice has ended: the chunk with the usage and figures if asked for, `[DONE]`. */
export const tailOf =
  (includeUsage: boolean, encode: (last: LastChunk) => Uint8Array): ChatChunks['tail'] =>
  (ended) =>
    includeUsage ? Buffer.concat([encode(lastChunkOf(ended)), DONE]) : DONE;

/** Padded chunks have lengths that are near a multiple of this, in bytes. */
const BLOCK = 64;

/** A chunk with random characters that fill it up to the next multiple of `BLOCK`. */
export const padded = <Chunk extends object>(chunk: Chunk): Chunk & { obfuscation: string } => {
  const missing = BLOCK - (jsonBytes(chunk) % BLOCK);
  return { ...chunk, obfuscation: randomBytes(missing).toString('base64url').slice(0, missing) };
};
