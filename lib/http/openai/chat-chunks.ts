import type * as z from 'zod';
import {
  answeringModelOf,
  chatUsageOf,
  completionIdOf,
  createdOf,
  logprobsOf,
} from '../../openai/chat-completion.ts';
import type { TraceChunk } from '../../runs/generation.ts';
import type { RunView } from '../../runs/view.ts';
import { DONE, encodeData } from '../event-stream.ts';
import type { Problem } from '../problem.ts';
import type { chatChunkSchema } from './chat-schemas.ts';
import { openaiErrorOf } from './openai-error.ts';

type ChatChunk = z.infer<typeof chatChunkSchema>;
type Choice = ChatChunk['choices'][number];

/** The encoded events of a streamed chat completion; `index` is that of the choice. */
export type ChatChunks = {
  /** The first event of a choice, with the role. */
  first(index: number): Uint8Array;
  text(index: number, chunk: TraceChunk): Uint8Array;
  finish(index: number, end: { model: string; finishReason: string | null }): Uint8Array;
  /** The events after all choices: usage if requested and known, `[DONE]`. */
  tail(run: RunView): Uint8Array;
  /** The last event of a stream that fails. */
  error(problem: Problem): Uint8Array;
};

/** Whether a chunk is part of a chat completion: content or a refusal, not reasoning or tool arguments. */
export const isChatChunk = ({ kind }: TraceChunk): boolean => kind === undefined || kind === 'refusal';

/**
 * The events of a run as OpenAI's `chat.completion.chunk` objects. Events before the finish reason name the requested
 * model, since the model that answered is known only at the end.
 */
export const makeChatChunks = (run: RunView, { includeUsage }: { includeUsage: boolean }): ChatChunks => {
  const head = { id: completionIdOf(run), object: 'chat.completion.chunk' as const, created: createdOf(run) };
  const noUsage = includeUsage ? { usage: null } : {};
  const chunk = (model: string, choice: Pick<Choice, 'index' | 'delta'> & Partial<Choice>): Uint8Array =>
    encodeData({
      ...head,
      model,
      choices: [{ logprobs: null, finish_reason: null, ...choice }],
      ...noUsage,
    } satisfies ChatChunk);
  return {
    first: (index) => chunk(run.model, { index, delta: { role: 'assistant', content: '', refusal: null } }),
    text: (index, part) =>
      chunk(run.model, {
        index,
        delta: part.kind === 'refusal' ? { refusal: part.text } : { content: part.text },
        logprobs: logprobsOf([part]),
      }),
    finish: (index, { model, finishReason }) =>
      chunk(model, { index, delta: {}, finish_reason: finishReason }),
    tail: (ended) => {
      const usage = includeUsage ? chatUsageOf(ended) : undefined;
      if (!usage) return DONE;
      const last = { ...head, model: answeringModelOf(ended), choices: [], usage } satisfies ChatChunk;
      return Buffer.concat([encodeData(last), DONE]);
    },
    error: (problem) => encodeData(openaiErrorOf(problem)),
  };
};
