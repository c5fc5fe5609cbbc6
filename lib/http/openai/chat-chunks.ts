import type * as z from 'zod';
import { chatUsageOf, completionIdOf, createdOf, logprobsOf } from '../../openai/chat-completion.ts';
import type { TraceChunk } from '../../runs/generation.ts';
import type { RunView } from '../../runs/view.ts';
import { DONE, encodeData } from '../event-stream.ts';
import type { Problem } from '../problem.ts';
import type { chatChunkSchema } from './chat-schemas.ts';
import { openaiErrorOf } from './openai-error.ts';

type ChatChunk = z.infer<typeof chatChunkSchema>;
type Choice = ChatChunk['choices'][number];

export type ChatChunks = {
  /** Says who speaks; it comes first. */
  first(): Uint8Array;
  text(chunk: TraceChunk): Uint8Array;
  /** All that follows the text: why it ended, the usage where it is asked for and known, `[DONE]`. */
  end(run: RunView): Uint8Array;
  /** Ends a stream that has no good end; nothing may follow. */
  error(problem: Problem): Uint8Array;
};

/** Whether a chunk is part of a chat completion: content, or a refusal. Reasoning and tool arguments are not. */
export const isToldInChat = ({ kind }: TraceChunk): boolean => kind === undefined || kind === 'refusal';

/**
 * The events of a run as OpenAI's `chat.completion.chunk`s. The model that answered is known at the end only: until
 * then they name the one that was asked.
 */
export const makeChatChunks = (run: RunView, { includeUsage }: { includeUsage: boolean }): ChatChunks => {
  const head = { id: completionIdOf(run), object: 'chat.completion.chunk' as const, created: createdOf(run) };
  const noUsage = includeUsage ? { usage: null } : {};
  const chunk = (model: string, delta: Choice['delta'], more: Partial<Choice>): Uint8Array =>
    encodeData({
      ...head,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...more }],
      ...noUsage,
    } satisfies ChatChunk);
  return {
    first: () => chunk(run.model, { role: 'assistant', content: '', refusal: null }, {}),
    text: (part) =>
      chunk(run.model, part.kind === 'refusal' ? { refusal: part.text } : { content: part.text }, {
        logprobs: logprobsOf([part]),
      }),
    end: ({ generations: [generation] }) => {
      if (!generation) throw new Error(`run ${run.id} has ended without a generation`);
      const { model, finish_reason } = generation;
      const usage = includeUsage ? chatUsageOf(generation) : undefined;
      return Buffer.concat([
        chunk(model, {}, { finish_reason }),
        ...(usage ? [encodeData({ ...head, model, choices: [], usage } satisfies ChatChunk)] : []),
        DONE,
      ]);
    },
    error: (problem) => encodeData(openaiErrorOf(problem)),
  };
};
