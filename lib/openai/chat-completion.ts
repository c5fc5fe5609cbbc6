import type { Generation, TraceChunk } from '../runs/generation.ts';
import type { TokenLogprob } from '../runs/token-logprobs.ts';
import type { RunView } from '../runs/view.ts';
import { functionCallOf, functionFinish } from './legacy-functions.ts';

/** The part of a run that a chat completion shows. */
export type AnsweredRun = Pick<RunView, 'id' | 'created_at' | 'model' | 'generations' | 'usage'>;

/** The id of the chat completion that stands for a run. */
export const completionIdOf = ({ id }: Pick<RunView, 'id'>): string => `chatcmpl-${id}`;

/** The `created` time of a completion: the run's acceptance, in epoch seconds. */
export const createdOf = ({ created_at }: Pick<RunView, 'created_at'>): number =>
  Math.floor(Date.parse(created_at) / 1000);

/** The model that answered, as its server names it; the requested one where no server did. */
export const answeringModelOf = ({ model, generations }: Pick<RunView, 'model' | 'generations'>): string =>
  generations[0]?.model ?? model;

/**
 * Converts a run to OpenAI's `chat.completion` (https://platform.openai.com/docs/api-reference/chat/object), with a
 * choice for each generation. Log probabilities and a refusal come from `traces`, the chunks of each generation by
 * index; without them both are null. `usage` is absent if it is unknown. `asFunctions` shows calls of tools as
 * OpenAI's API did before tools.
 */
export const chatCompletionOf = (
  run: AnsweredRun,
  {
    traces = [],
    asFunctions = false,
  }: { traces?: readonly (readonly TraceChunk[])[]; asFunctions?: boolean } = {},
) => {
  const usage = chatUsageOf(run);
  return {
    id: completionIdOf(run),
    object: 'chat.completion' as const,
    created: createdOf(run),
    model: answeringModelOf(run),
    choices: run.generations.map((generation, index) =>
      choiceOf(generation, index, { chunks: traces[index] ?? [], asFunctions }),
    ),
    ...(usage && { usage }),
  };
};

const choiceOf = (
  { text, tool_calls, finish_reason }: Generation,
  index: number,
  { chunks, asFunctions }: { chunks: readonly TraceChunk[]; asFunctions: boolean },
) => {
  const refusal = textOfKind(chunks, 'refusal');
  const functionCall = asFunctions ? functionCallOf(tool_calls ?? []) : undefined;
  return {
    index,
    message: {
      role: 'assistant' as const,
      content: text === '' && (refusal !== '' || tool_calls) ? null : text,
      refusal: refusal === '' ? null : refusal,
      ...(tool_calls && !asFunctions && { tool_calls }),
      ...(functionCall && { function_call: functionCall }),
    },
    logprobs: logprobsOf(chunks),
    finish_reason: asFunctions ? functionFinish(finish_reason) : finish_reason,
  };
};

/** OpenAI's `usage` of all choices together; undefined if the server reported none: unknown is never zero. */
export const chatUsageOf = ({ usage }: Pick<RunView, 'usage'>) => {
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

/** The joined texts of the chunks of a kind. */
export const textOfKind = (chunks: readonly TraceChunk[], kind: TraceChunk['kind']): string =>
  ofKind(chunks, kind)
    .map(({ text }) => text)
    .join('');

const entriesOf = (chunks: readonly TraceChunk[], kind: TraceChunk['kind']): TokenLogprob[] | null => {
  const entries = ofKind(chunks, kind).flatMap(({ logprobs }) => logprobs ?? []);
  return entries.length === 0 ? null : entries;
};
