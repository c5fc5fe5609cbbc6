import type { TraceChunk, Usage } from '../runs/generation.ts';

/**
 * Tokens that came over the wire: N = completion tokens by the server's usage, or V = N - R when R reasoning tokens
 * are counted in it but none were streamed. `null` without usage, or with one that contradicts itself (R > N).
 */
export const streamedTokens = (usage: Usage, reasoningStreamed: boolean): number | null => {
  if (usage.completion_tokens === null) return null;
  const streamed = usage.completion_tokens - (reasoningStreamed ? 0 : (usage.reasoning_tokens ?? 0));
  return streamed < 0 ? null : streamed;
};

/**
 * The chunks as they are, unless they hold more tokens than the server's own usage has for what was streamed: then
 * one of the two is wrong, nobody knows which, and the chunks' counts become unknown.
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

/** A text's tokens in order, each as its length in UTF-8 bytes. */
export type Tokenizer = (text: string) => number[];

/** OpenAI's models since gpt-4o, dated or sized variants included, and the local model, which shares their tokens. */
const O200K = /^(?:openai\/)?(?:(?:gpt-(?:4o|4\.1|5|6)|chatgpt-4o|o[134])(?:[-.]|$)|everytoken-ngram$)/;

/** The tokenizer of a model by its name; `undefined` where none is known. */
export const tokenizerOf = (model: string): TokenizerName | undefined =>
  O200K.test(model) ? 'o200k_base' : undefined;

/**
 * How many tokens each of `texts` (the chunks of one text, in order) holds, from the tokens' lengths in UTF-8 bytes.
 * A token belongs to the chunk it begins in. `null` where chunks and tokens do not fit: a server sends a token's text
 * as soon as it is whole, so a chunk ends where a token does, or amid one only by the bytes of an unfinished character.
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
