import { segmentsOf } from '../text/segments.ts';
import { isCommon } from './common-words.ts';

/**
 * A word of a text, in lower case and NFC. An identifier such as `ERR_4411`, `foo.bar` or `sku-99-x` is one word, with
 * its parts. `rare` words are those that are not common in English prose, and names.
 */
export type Word = { text: string; kind: 'identifier' | 'rare' | 'common'; parts: string[] };

/** Bounds of the words stored with a vector: their number, and their bytes as JSON. Longer words are left out. */
const MAX_WORDS = 64;
const MAX_WORDS_BYTES = 640;
const MAX_WORD_BYTES = 64;
/** The quotes and the comma of a word in a list. */
const JSON_OVERHEAD = 3;

/** Scripts that write no spaces between words. */
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const LETTERS = `[[a-zA-Z0-9_\\p{L}\\p{N}\\p{M}]--[${UNSPACED}]]+`;
const JOINT = String.raw`::|->|[\-.\/:@'’+#\&]|(?<=\p{N}),(?=\p{N})`;
/** A run of a script without spaces; or letters and digits, joined by signs inside identifiers and numbers. */
const TOKEN = new RegExp(`(?<unspaced>[${UNSPACED}]+)|${LETTERS}(?:(?:${JOINT})${LETTERS})*`, 'gv');
/** Signs that also join ordinary words: `read-only`, `and/or`, `don't`. */
const JOINS_WORDS = /^[-/'’&+]+$/u;
const BETWEEN = /[^\p{L}\p{N}\p{M}_]+/u;
const DIGIT = /\p{N}/u;
const LETTER = /\p{L}/u;
const CAMEL = /\p{Ll}\p{Lu}/u;
const CAPITALS = /^\p{Lu}{2,}$/u;
const CAPITALISED = /^\p{Lu}\p{M}*\p{Ll}/u;
const SHORTEST_NUMBER = 3;
/** Ordinal numbers and quantities with their unit: `2nd`, `10ms`, `1.5x`. */
const QUANTITY = /^[\d.,]+(?:st|nd|rd|th|ns|us|µs|ms|s|min|m|h|d|w|k|kb|kib|mb|mib|gb|gib|tb|x|px|%)$/u;
/** Most words: letters of one case without accents or signs. */
const PLAIN = /^[a-z]+$/;
const SPACE = /^,?[^\S\n]+$/u;

const normal = (text: string): string => text.toLowerCase().normalize('NFC');

/**
 * The words of a text, in its order. A word with a capital inside a sentence is taken for a name, which is rare even if
 * it is a common word, too.
 *
 * @example
 * readWords('What raises ERR_4411?').at(-1); // { text: 'err_4411', kind: 'identifier', parts: ['err', '4411'] }
 */
export const readWords = (text: string): Word[] => {
  const words: Word[] = [];
  let end = 0;
  let before: 'lower' | 'name' | 'other' = 'other';
  const composed = text.normalize('NFC');
  for (const { 0: token, index, groups } of composed.matchAll(TOKEN)) {
    const isInside: boolean = before !== 'other' && SPACE.test(composed.slice(end, index));
    end = index + token.length;
    if (/^_+$/.test(token)) continue;
    if (PLAIN.test(token)) {
      before = 'lower';
      words.push({ text: token, kind: isCommon(token) ? 'common' : 'rare', parts: [] });
      continue;
    }
    const isName: boolean = isInside && CAPITALISED.test(token);
    before = isName ? 'name' : /^\p{Ll}/u.test(token) ? 'lower' : 'other';
    if (groups?.unspaced !== undefined) words.push(...segmented(token));
    else words.push(wordOf(token.replace(/['’]s$/u, ''), isName));
  }
  return words;
};

const segmented = (token: string): Word[] =>
  [...segmentsOf(token, 'word')]
    .map(({ segment }) => normal(segment))
    .filter((text) => LETTER.test(text))
    .map((text) => ({ text, kind: [...text].length < 2 ? 'common' : 'rare', parts: [] }));

const wordOf = (token: string, isName: boolean): Word => {
  const text = normal(token);
  const joined = token.split(BETWEEN);
  const pieces = joined.flatMap((piece) => piece.split('_')).filter((piece) => piece !== '');
  const parts = QUANTITY.test(text)
    ? []
    : [...new Set([...joined, ...pieces, ...pieces.flatMap(splitCamel)].map(normal))].filter(
        (part) => part !== text && isRarePart(part),
      );
  if (isIdentifier(token, pieces)) return { text, kind: 'identifier', parts };
  const isRare =
    isName || (pieces.length > 1 ? pieces.some((piece) => isRarePart(normal(piece))) : isRarePart(text));
  return { text, kind: isRare ? 'rare' : 'common', parts };
};

/** `parseHTTPError503` has the parts `parse`, `HTTP`, `Error` and `503`. */
const splitCamel = (piece: string): string[] =>
  piece
    .replaceAll(/(\p{Ll})(\p{Lu})|(\p{L})(?=\p{N})|(\p{N})(?=\p{L})/gu, (match, lower, upper) =>
      upper === undefined ? `${match} ` : `${lower} ${upper}`,
    )
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(' ');

const isRarePart = (part: string): boolean =>
  LETTER.test(part) ? !isCommon(part) && !QUANTITY.test(part) : part.length >= SHORTEST_NUMBER;

const isIdentifier = (token: string, pieces: string[]): boolean => {
  const text = normal(token);
  if (QUANTITY.test(text) || COMMON_JOINED.test(text)) return false;
  if (DIGIT.test(token)) return LETTER.test(token) || token.length >= SHORTEST_NUMBER;
  if (token.includes('_') || CAMEL.test(token)) return pieces.length > 1 || !isCommon(text);
  if (pieces.length === 1) return CAPITALS.test(token) && !isCommon(text);
  const joints = token.replaceAll(/[\p{L}\p{N}\p{M}]+/gu, '');
  return !JOINS_WORDS.test(joints);
};

/** Abbreviations of single letters: `e.g`, `u.s.a`. */
const COMMON_JOINED = /^\p{L}(?:\.\p{L})*$/u;

/**
 * The words of a chunk by which a search can find it literally, for the metadata of its vector: identifiers with their
 * parts first, then other rare words, the longest first. At most 64, and 640 bytes as JSON.
 */
export const wordsToStore = (text: string): string[] => {
  const words = readWords(text);
  const identifiers = words.filter(({ kind }) => kind === 'identifier');
  const others = words.filter(({ kind }) => kind !== 'identifier').flatMap(rareOf);
  const ordered = [
    ...identifiers.map((word) => word.text),
    ...identifiers.flatMap(({ parts }) => parts),
    ...others.toSorted((a, b) => b.length - a.length),
  ];
  const stored: string[] = [];
  let bytes = 0;
  for (const word of new Set(ordered)) {
    const own = Buffer.byteLength(word) + JSON_OVERHEAD;
    if (!isStorable(word) || bytes + own > MAX_WORDS_BYTES) continue;
    bytes += own;
    stored.push(word);
    if (stored.length === MAX_WORDS) break;
  }
  return stored;
};

const rareOf = ({ text, kind, parts }: Word): string[] => (kind === 'common' ? parts : [text, ...parts]);

/** Whether a word is short enough to be stored, so that it can be looked up. */
export const isStorable = (word: string): boolean => Buffer.byteLength(word) <= MAX_WORD_BYTES;
