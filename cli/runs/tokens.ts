import type { Trace } from '../../client/index.ts';

export type Chunk = Trace['chunks'][number];
type TokenLogprob = NonNullable<Chunk['logprobs']>[number];

/** A token of an output with the chunk that it came in; its number counts from 1. */
export type Token = {
  number: number;
  text: string;
  chunk: number;
  t_ms: number;
  /** Between its chunk and the one before; null for the first. */
  gap_ms: number | null;
  /** The other tokens in its chunk came at the same time. */
  inChunk: number;
  logprob: TokenLogprob | undefined;
};

/**
 * The token of a number from 1, and the number of all. A chunk with log probabilities has one entry for each of its
 * tokens; of a chunk without, all tokens share its text. Undefined when the number of tokens of a chunk is not known.
 */
export const findToken = (
  { chunks }: Pick<Trace, 'chunks'>,
  number: number,
): { token: Token | undefined; count: number } | undefined => {
  let token: Token | undefined;
  let count = 0;
  for (const [chunk, { t_ms, text, tokens, logprobs }] of chunks.entries()) {
    const inChunk = logprobs?.length ?? tokens;
    if (inChunk === null) return undefined;
    const at = number - 1 - count;
    if (at >= 0 && at < inChunk) {
      const logprob = logprobs?.[at];
      token = {
        number,
        text: logprob?.token ?? text,
        chunk,
        t_ms,
        gap_ms: gapBefore(chunks, chunk),
        inChunk,
        logprob,
      };
    }
    count += inChunk;
  }
  return { token, count };
};

/** The time between a chunk and the one before it, in ms; null for the first. */
export const gapBefore = (chunks: readonly Chunk[], at: number): number | null => {
  const [before, chunk] = [chunks[at - 1], chunks[at]];
  return before === undefined || chunk === undefined ? null : chunk.t_ms - before.t_ms;
};

/** The end of the text before a chunk. */
export const textBefore = (chunks: readonly Chunk[], at: number, length: number): string => {
  let text = '';
  for (let before = at - 1; before >= 0 && text.length < length; before--)
    text = `${chunks[before]?.text}${text}`;
  return text.slice(-length);
};
