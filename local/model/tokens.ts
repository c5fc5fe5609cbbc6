import ranks from 'gpt-tokenizer/bpeRanks/o200k_base';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';

const encoder = new TextEncoder();
const PLAIN_TEXT = { disallowedSpecial: new Set<string>() };
const LONGEST_RUN = 1_000;
const LONG_RUNS = new RegExp(`\\S{${LONGEST_RUN}}`, 'gu');

/** Byte pair merging is quadratic in the length of an unbroken run, so a run without spaces is cut. */
const piecesOf = (text: string): string[] => {
  const pieces: string[] = [];
  let from = 0;
  for (const run of text.matchAll(LONG_RUNS)) {
    pieces.push(text.slice(from, run.index + run[0].length));
    from = run.index + run[0].length;
  }
  pieces.push(text.slice(from));
  return pieces;
};

/**
 * The o200k_base token ids of a text. Names of special tokens are read as plain text.
 * A run of 1,000 characters and more without white space is cut each 1,000 characters first.
 */
export const encodeText = (text: string): number[] =>
  piecesOf(text).flatMap((piece) => encode(piece, PLAIN_TEXT));

/** How many o200k_base tokens a text has. */
export const countTokens = (text: string): number => encodeText(text).length;

/** The bytes of an o200k_base token: not always whole characters. Throws RangeError for an unknown id. */
export const tokenBytes = (id: number): Uint8Array => {
  const token = ranks[id];
  if (token === undefined) throw new RangeError(`o200k_base has no token ${id}`);
  return typeof token === 'string' ? encoder.encode(token) : Uint8Array.from(token);
};
