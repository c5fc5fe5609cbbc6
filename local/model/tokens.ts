import ranks from 'gpt-tokenizer/bpeRanks/o200k_base';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';

const encoder = new TextEncoder();
const PLAIN_TEXT = { disallowedSpecial: new Set<string>() };
const LONGEST_RUN = 1_000;
const LONG_RUNS = new RegExp(`\\S{${LONGEST_RUN}}`, 'gu');

/** Cuts long runs without white space, since byte pair merging is quadratic in the length of a run. */
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
 * The o200k_base token ids of a text. Names of special tokens count as plain text.
 * A run of 1,000 or more characters without white space is first cut into pieces of 1,000 characters, which may change
 * the tokens at the cuts.
 */
export const encodeText = (text: string): number[] =>
  piecesOf(text).flatMap((piece) => encode(piece, PLAIN_TEXT));

/** The number of o200k_base tokens in a text. */
export const countTokens = (text: string): number => encodeText(text).length;

/**
 * The bytes of an o200k_base token, which are not always whole characters.
 *
 * @throws {RangeError} for an unknown id.
 */
export const tokenBytes = (id: number): Uint8Array => {
  const token = ranks[id];
  if (token === undefined) throw new RangeError(`o200k_base has no token ${id}`);
  return typeof token === 'string' ? encoder.encode(token) : Uint8Array.from(token);
};
