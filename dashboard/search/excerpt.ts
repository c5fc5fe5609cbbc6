import type { Piece } from './marked-words.ts';

/** Characters before the first mark that tell what it is about. */
const BEFORE = 120;
const WORD_CHARACTERS = 24;

/**
 * The part of a passage around its first mark, of at most about `length` characters, cut between words. `before` and
 * `after` say whether text is left out there.
 */
export const excerptOf = (
  pieces: readonly Piece[],
  length: number,
): { pieces: Piece[]; before: boolean; after: boolean } => {
  const text = pieces.map(({ text }) => text).join('');
  if (text.length <= length) return { pieces: [...pieces], before: false, after: false };
  const first = firstMark(pieces);
  const wanted = Math.max(0, Math.min(first - BEFORE, text.length - length));
  const from = wanted === 0 ? 0 : nextWord(text, wanted);
  const to = lastWord(text, Math.min(text.length, from + length));
  return { pieces: between(pieces, from, to), before: from > 0, after: to < text.length };
};

const firstMark = (pieces: readonly Piece[]): number => {
  let at = 0;
  for (const { text, isMarked } of pieces) {
    if (isMarked) return at;
    at += text.length;
  }
  return 0;
};

/** The next beginning of a word, unless a word goes on for long; never within a surrogate pair. */
const nextWord = (text: string, at: number): number => {
  const gap = text.slice(at, at + WORD_CHARACTERS).search(/\s/);
  return gap === -1 ? whole(text, at) : at + gap + 1;
};

const lastWord = (text: string, at: number): number => {
  if (at === text.length) return at;
  const gap = text.slice(at - WORD_CHARACTERS, at).search(/\s\S*$/);
  return gap === -1 ? whole(text, at) : at - WORD_CHARACTERS + gap;
};

const whole = (text: string, at: number): number => (/^[\udc00-\udfff]/.test(text.slice(at)) ? at - 1 : at);

const between = (pieces: readonly Piece[], from: number, to: number): Piece[] => {
  let at = 0;
  return pieces.flatMap(({ text, isMarked }) => {
    const own = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += text.length;
    return own === '' ? [] : [{ text: own, isMarked }];
  });
};
