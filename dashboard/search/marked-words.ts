/** A piece of a passage; marked if it is a word of the query. */
export type Piece = { text: string; isMarked: boolean };

/** Shorter words of a query, such as "the", are everywhere and tell nothing; the API names the rare ones that are short. */
const SHORTEST = 4;
const WORD = /[\p{L}\p{N}\p{M}_]+/gu;
/** Scripts that write no spaces between words, so that a word has no bounds. */
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+$/u;
const SHORTEST_UNSPACED = 2;
/** More words make a pattern slow, and a text yellow. */
const MOST_WORDS = 64;

/** A character without case and diacritics; empty for a combining mark. */
const foldedCharacter = (character: string): string =>
  character.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');

/** A text without case and diacritics. */
export const folded = (text: string): string => Array.from(text, foldedCharacter).join('');

/**
 * The words by which a passage is marked, folded: those that the API found literally, and those of the query that are
 * long enough to tell something.
 */
export const queryWords = (query: string, found: readonly string[]): string[] => {
  const own = folded(query).match(WORD) ?? [];
  const telling = own.filter((word) =>
    UNSPACED.test(word) ? word.length >= SHORTEST_UNSPACED : Array.from(word).length >= SHORTEST,
  );
  const all = new Set([...found.map(folded), ...telling].filter((word) => word.trim() !== ''));
  return [...all].slice(0, MOST_WORDS);
};

/**
 * Cuts a passage into pieces, of which those are marked that are whole words of `words` (folded), whatever their case and
 * diacritics. The pieces joined are the passage.
 */
export const markedPieces = (text: string, words: readonly string[]): Piece[] => {
  const pattern = patternOf(words);
  if (pattern === undefined) return text === '' ? [] : [{ text, isMarked: false }];
  const { plain, starts } = foldedWithPlaces(text);
  const pieces: Piece[] = [];
  let end = 0;
  const add = (to: number, isMarked: boolean): void => {
    if (to > end) pieces.push({ text: text.slice(end, to), isMarked });
    end = Math.max(end, to);
  };
  for (const { 0: found, index } of plain.matchAll(pattern)) {
    add(starts[index] ?? text.length, false);
    add(starts[index + found.length] ?? text.length, true);
  }
  add(text.length, false);
  return pieces;
};

/** The folded text, and for each of its code units the place in the text of the character that it comes from. */
const foldedWithPlaces = (text: string): { plain: string; starts: number[] } => {
  const parts: string[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    const part = foldedCharacter(character);
    parts.push(part);
    for (let unit = 0; unit < part.length; unit++) starts.push(at);
    at += character.length;
  }
  return { plain: parts.join(''), starts };
};

const IN_WORD = String.raw`[\p{L}\p{N}\p{M}_]`;

/** Longer words come first, so that `foo.bar` is marked as one and not as `foo`. */
const patternOf = (words: readonly string[]): RegExp | undefined => {
  if (words.length === 0) return undefined;
  const longest = words.toSorted((a, b) => b.length - a.length);
  const either = (some: readonly string[]) => some.map(escaped).join('|');
  const unspaced = longest.filter((word) => UNSPACED.test(word));
  const whole = longest.filter((word) => !UNSPACED.test(word));
  const parts = [
    ...(whole.length > 0 ? [`(?<!${IN_WORD})(?:${either(whole)})(?!${IN_WORD})`] : []),
    ...(unspaced.length > 0 ? [either(unspaced)] : []),
  ];
  return new RegExp(parts.join('|'), 'gu');
};

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
