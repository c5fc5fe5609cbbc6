import type { TraceChunk } from '../runs/generation.ts';
import type { TokenLogprob } from '../runs/token-logprobs.ts';
import type { RunView } from '../runs/view.ts';
import { type AnsweredRun, answeringModelOf, chatUsageOf, createdOf, logprobsOf } from './chat-completion.ts';

/**
 * Log probabilities in lists side by side, one entry a token. `text_offset` is where a token begins in the output, in
 * characters. `top_logprobs` is null unless alternatives were asked for.
 */
export type TextLogprobs = {
  tokens: string[];
  token_logprobs: (number | null)[];
  top_logprobs: (Record<string, number | null> | null)[] | null;
  text_offset: number[];
};

/** The id of the completion that stands for a run. */
export const textIdOf = ({ id }: Pick<RunView, 'id'>): string => `cmpl-${id}`;

/**
 * Converts a run to OpenAI's `text_completion` (https://platform.openai.com/docs/api-reference/completions/object), with
 * a choice for each generation. Log probabilities come from `traces`, the chunks of each generation by index. `usage` is
 * absent if it is unknown.
 */
export const textCompletionOf = (run: AnsweredRun, traces: readonly (readonly TraceChunk[])[] = []) => {
  const usage = chatUsageOf(run);
  return {
    id: textIdOf(run),
    object: 'text_completion' as const,
    created: createdOf(run),
    model: answeringModelOf(run),
    choices: run.generations.map(({ text, finish_reason }, index) => ({
      index,
      text: text ?? '',
      logprobs: joined(traces[index] ?? []),
      finish_reason,
    })),
    ...(usage && { usage }),
  };
};

/** Makes the log probabilities of one output's texts, in the order in which they come; null for a text without any. */
export const makeTextLogprobs = () => {
  let offset = 0;
  return (text: string, entries: readonly TokenLogprob[] | null): TextLogprobs | null => {
    let at = offset;
    offset += lengthOf(text);
    if (entries === null) return null;
    const hasAlternatives = entries.some(({ top_logprobs }) => top_logprobs.length > 0);
    return {
      tokens: entries.map(({ token }) => token),
      token_logprobs: entries.map(({ logprob }) => logprob),
      top_logprobs: hasAlternatives ? entries.map(alternativesOf) : null,
      text_offset: entries.map(({ token }) => {
        const begin = at;
        at += lengthOf(token);
        return begin;
      }),
    };
  };
};

const lengthOf = (text: string): number => [...text].length;

/** The most probable tokens, and the token itself, which may be less probable. */
const alternativesOf = ({ token, logprob, top_logprobs }: TokenLogprob): Record<string, number | null> =>
  Object.fromEntries([...top_logprobs, { token, logprob }].map((each) => [each.token, each.logprob]));

const joined = (chunks: readonly TraceChunk[]): TextLogprobs | null => {
  const read = makeTextLogprobs();
  const parts = chunks
    .filter(({ kind }) => kind === undefined)
    .flatMap((chunk) => read(chunk.text, logprobsOf([chunk])?.content ?? null) ?? []);
  if (parts.length === 0) return null;
  const hasAlternatives = parts.some(({ top_logprobs }) => top_logprobs !== null);
  return {
    tokens: parts.flatMap(({ tokens }) => tokens),
    token_logprobs: parts.flatMap(({ token_logprobs }) => token_logprobs),
    top_logprobs: hasAlternatives
      ? parts.flatMap(({ tokens, top_logprobs }) => top_logprobs ?? tokens.map(() => null))
      : null,
    text_offset: parts.flatMap(({ text_offset }) => text_offset),
  };
};
