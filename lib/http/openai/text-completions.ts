import type * as z from 'zod';
import { createdOf } from '../../openai/chat-completion.ts';
import { figuresOf } from '../../openai/run-figures.ts';
import { makeTextLogprobs, textCompletionOf, textIdOf } from '../../openai/text-completion.ts';
import type { RunView } from '../../runs/view.ts';
import { encodeData } from '../event-stream.ts';
import { type ChatChunks, padded, tailOf } from './chat-chunks.ts';
import type { Protocol } from './chat-completions.ts';
import type { AnswerOptions } from './chat-request.ts';
import { openaiErrorOf } from './openai-error.ts';
import { parseTextRequest } from './text-request.ts';
import type { TextAnswer, textChunkSchema } from './text-schemas.ts';

type TextChunk = z.infer<typeof textChunkSchema>;

/** The events of a run as chunks of OpenAI's `text_completion`; each adds to the text of its choice. */
const makeTextChunks = (run: RunView, { includeUsage, includeObfuscation }: AnswerOptions): ChatChunks => {
  const head = { id: textIdOf(run), object: 'text_completion' as const, created: createdOf(run) };
  const logprobs = new Map<number, ReturnType<typeof makeTextLogprobs>>();
  const logprobsAt = (index: number) => {
    const found = logprobs.get(index) ?? makeTextLogprobs();
    logprobs.set(index, found);
    return found;
  };
  const encode = (chunk: TextChunk) => encodeData(includeObfuscation ? padded(chunk) : chunk);
  const event = (model: string, choice: Partial<TextChunk['choices'][number]> & { index: number }) =>
    encode({
      ...head,
      model,
      choices: [{ text: '', logprobs: null, finish_reason: null, ...choice }],
      ...(includeUsage && { usage: null }),
    });
  return {
    first: (index) => event(run.model, { index }),
    part: (index, { delta, logprobs: entries }) => {
      const text = delta.content ?? '';
      return event(run.model, { index, text, logprobs: logprobsAt(index)(text, entries?.content ?? null) });
    },
    finish: (index, { model, finishReason }) => event(model, { index, finish_reason: finishReason }),
    tail: tailOf(includeUsage, (last) => encode({ ...head, ...last })),
    error: (problem) => encodeData(openaiErrorOf(problem)),
  };
};

/**
 * https://platform.openai.com/docs/api-reference/completions: the model server goes on from a prompt, which it gets as it
 * is, without a chat template.
 */
export const TEXT: Protocol = {
  endpoint: 'completions',
  parse: parseTextRequest,
  answerOf: (run, { traces }): TextAnswer => ({
    ...textCompletionOf(run, traces),
    everytoken: figuresOf(run),
  }),
  chunksOf: makeTextChunks,
};
