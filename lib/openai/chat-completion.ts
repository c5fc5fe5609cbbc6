import type { Generation, TraceChunk } from '../runs/generation.ts';
import type { TokenLogprob } from '../runs/token-logprobs.ts';
import type { RunView } from '../runs/view.ts';

/** The id of the chat completion that stands for a run of one generation. */
export const completionIdOf = ({ id }: Pick<RunView, 'id'>): string => `chatcmpl-${id}`;

/** The `created` time of a completion: the run's acceptance, in epoch seconds. */
export const createdOf = ({ created_at }: Pick<RunView, 'created_at'>): number =>
  Math.floor(Date.parse(created_at) / 1000);

/**
 * Converts a generation to OpenAI's `chat.completion` (https://platform.openai.com/docs/api-reference/chat/object). Log
 * probabilities and a refusal come from `chunks`; without chunks both are null. `usage` is absent if it is unknown.
 */
export const chatCompletionOf = (
  run: Pick<RunView, 'id' | 'created_at'>,
  generation: Generation,
  chunks: readonly TraceChunk[] = [],
) => {
  const refusal = textOf(chunks, 'refusal');
  const usage = chatUsageOf(generation);
  return {
    id: completionIdOf(run),
    object: 'chat.completion' as const,
    created: createdOf(run),
    model: generation.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant' as const,
          content: refusal !== '' && generation.text === '' ? null : generation.text,
          refusal: refusal === '' ? null : refusal,
        },
        logprobs: logprobsOf(chunks),
        finish_reason: generation.finish_reason,
      },
    ],
    ...(usage && { usage }),
  };
};

/** OpenAI's `usage`; undefined if the server reported none: unknown is never zero. */
export const chatUsageOf = ({ usage }: Pick<Generation, 'usage'>) => {
  const { prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens } = usage;
  if (prompt_tokens === null || completion_tokens === null) return undefined;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    ...(cached_tokens !== null && { prompt_tokens_details: { cached_tokens } }),
    ...(reasoning_tokens !== null && { completion_tokens_details: { reasoning_tokens } }),
  };
};

/** OpenAI's `logprobs` of these chunks, for content and refusal; null if the chunks have none. */
export const logprobsOf = (
  chunks: readonly TraceChunk[],
): { content: TokenLogprob[] | null; refusal: TokenLogprob[] | null } | null => {
  const content = entriesOf(chunks, undefined);
  const refusal = entriesOf(chunks, 'refusal');
  return content || refusal ? { content, refusal } : null;
};

const ofKind = (chunks: readonly TraceChunk[], kind: TraceChunk['kind']) =>
  chunks.filter((chunk) => chunk.kind === kind);

const textOf = (chunks: readonly TraceChunk[], kind: TraceChunk['kind']): string =>
  ofKind(chunks, kind)
    .map(({ text }) => text)
    .join('');

const entriesOf = (chunks: readonly TraceChunk[], kind: TraceChunk['kind']): TokenLogprob[] | null => {
  const entries = ofKind(chunks, kind).flatMap(({ logprobs }) => logprobs ?? []);
  return entries.length === 0 ? null : entries;
};
