import { diffWordsWithSpace } from 'diff';

/** A piece of a text; `differs` if the other text does not have it there. */
export type Piece = { text: string; differs: boolean };

/** Longer texts are compared too slowly to be worth it. */
const MAX_CHARACTERS = 20_000;
/** Bounds the work on texts that have little in common. */
const MAX_EDITS = 1_500;
/** Texts that share less of their characters are different all over: marks would cover them and show nothing. */
const LEAST_COMMON = 1 / 3;

/** The words of `text` that `other` does not have at that place. A text that is too long, or too different, has no marks. */
export const differingWords = (text: string, other: string): Piece[] => {
  const plain = [{ text, differs: false }];
  if (text === other || text.length + other.length > MAX_CHARACTERS) return plain;
  const changes = diffWordsWithSpace(other, text, { maxEditLength: MAX_EDITS });
  if (changes === undefined) return plain;
  const pieces = changes.flatMap(({ value, added, removed }) =>
    removed ? [] : [{ text: value, differs: added }],
  );
  return isMostlyCommon(pieces) ? joined(pieces) : plain;
};

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { text }) => sum + text.trim().length, 0);

const isMostlyCommon = (pieces: readonly Piece[]): boolean =>
  lengthOf(pieces.filter(({ differs }) => !differs)) >= LEAST_COMMON * lengthOf(pieces);

/** Joins marks that only white space parts, so that a phrase has one. */
const joined = (pieces: readonly Piece[]): Piece[] => {
  const all: Piece[] = [];
  for (const [at, piece] of pieces.entries()) {
    const isGap =
      !piece.differs && piece.text.trim() === '' && pieces[at - 1]?.differs && pieces[at + 1]?.differs;
    const differs = isGap || (piece.differs && piece.text.trim() !== '');
    const last = all.at(-1);
    if (last && last.differs === differs) last.text += piece.text;
    else all.push({ text: piece.text, differs });
  }
  return all;
};
