import type { Trace } from '../../client/index.ts';

export type Chunk = Trace['chunks'][number];
export type TokenLogprob = NonNullable<Chunk['logprobs']>[number];

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
 * The tokens of a trace. A chunk with log probabilities has one entry for each of its tokens; of a chunk without, all
 * tokens share its text. Undefined when the number of tokens of a chunk is not known.
 */
export const tokensOf = ({ chunks }: Pick<Trace, 'chunks'>): Token[] | undefined => {
  const tokens: Token[] = [];
  for (const [chunk, { t_ms, text, tokens: count, logprobs }] of chunks.entries()) {
    const inChunk = logprobs?.length ?? count;
    if (inChunk === null) return undefined;
    const gap_ms = gapBefore(chunks, chunk);
    for (let at = 0; at < inChunk; at++) {
      const logprob = logprobs?.[at];
      tokens.push({
        number: tokens.length + 1,
        text: logprob?.token ?? text,
        chunk,
        t_ms,
        gap_ms,
        inChunk,
        logprob,
      });
    }
  }
  return tokens;
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
