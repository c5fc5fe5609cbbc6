import type { TraceChunk, Usage } from '../runs/generation.ts';

/**
 * The number of streamed tokens: N = completion tokens of the server's usage, or V = N - R when the usage counts R
 * reasoning tokens but none were streamed. `null` without usage, or when the usage contradicts itself (R > N).
 */
export const streamedTokens = (usage: Usage, reasoningStreamed: boolean): number | null => {
  if (usage.completion_tokens === null) return null;
  const streamed = usage.completion_tokens - (reasoningStreamed ? 0 : (usage.reasoning_tokens ?? 0));
  return streamed < 0 ? null : streamed;
};

/**
 * Checks the chunks' token counts against the server's usage. If the chunks hold more tokens than the usage has for
 * the stream, one of the two is wrong and there is no telling which, so all counts become null.
 */
export const withinUsage = (chunks: TraceChunk[], usage: Usage): TraceChunk[] => {
  const streamed = streamedTokens(
    usage,
    chunks.some(({ kind }) => kind === 'reasoning'),
  );
  const counted = chunks.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);
  return streamed === null || counted <= streamed
    ? chunks
    : chunks.map((chunk) => ({ ...chunk, tokens: null }));
};

export type TokenizerName = 'o200k_base';

/** Splits a text into tokens and gives their lengths in UTF-8 bytes, in order. */
export type Tokenizer = (text: string) => number[];

/** OpenAI's models since gpt-4o with their dated and sized variants, and the local model, which shares their tokens. */
const O200K = /^(?:openai\/)?(?:(?:gpt-(?:4o|4\.1|5|6)|chatgpt-4o|o[134])(?:[-.]|$)|everytoken-ngram$)/;

/** The tokenizer of a model by its name; `undefined` if none is known. */
export const tokenizerOf = (model: string): TokenizerName | undefined =>
  O200K.test(model) ? 'o200k_base' : undefined;

/**
 * Counts the tokens of each of `texts` (the chunks of one text, in order), given the tokens' lengths in UTF-8 bytes.
 * A token belongs to the chunk in which it begins. `null` when chunks and tokens do not align: a server streams whole
 * tokens, so a chunk must end at a token's end, short at most of the bytes of an incomplete character.
 *
 * @example
 * tokensByBorders(['Hello', ', world'], [5, 1, 6]) // [1, 2]
 */
export const tokensByBorders = (texts: readonly string[], tokenBytes: readonly number[]): number[] | null => {
  if (!texts.every((text) => text.isWellFormed())) return null;
  const counts: number[] = texts.map(() => 0);
  const sizes = texts.map((text) => Buffer.byteLength(text));
  let chunk = 0;
  let chunkEnd = sizes[0] ?? 0;
  let start = 0;
  for (const bytes of tokenBytes) {
    while (start >= chunkEnd && chunk < texts.length) chunkEnd += sizes[++chunk] ?? 0;
    if (chunk >= texts.length) return null;
    counts[chunk] = (counts[chunk] ?? 0) + 1;
    start += bytes;
    if (start > chunkEnd && chunkEnd + firstCharacterBytes(texts[chunk + 1]) <= start) return null;
  }
  return start === sizes.reduce((sum, size) => sum + size, 0) ? counts : null;
};

const firstCharacterBytes = (text = ''): number =>
  Buffer.byteLength(String.fromCodePoint(text.codePointAt(0) ?? 0));
