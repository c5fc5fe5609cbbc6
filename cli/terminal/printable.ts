import { stripVTControlCharacters } from 'node:util';

/**
 * Makes untrusted text safe for a terminal: it removes escape sequences, control characters, bidirectional controls and
 * lone surrogates, turns tabs into spaces, and normalises line ends.
 */
export const printable = (text: string): string =>
  stripVTControlCharacters(text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n'))
    .toWellFormed()
    .replaceAll('\t', ' ')
    .replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '');

/** Longer sequences than this are no styles or moves of a cursor. */
const LONGEST_SEQUENCE = 64;

/** The first half of a pair, or the beginning of an escape sequence, at the end of a text. */
const UNFINISHED = new RegExp(`(?:[\\x1b\\x80-\\x9f][^]{0,${LONGEST_SEQUENCE}}|[\\r\\ud800-\\udbff])$`);

/**
 * `printable` for a text that arrives in pieces: what a piece ends in the middle of is held back until it is whole. Tabs
 * stay. `end` gives what is left.
 */
export const printablePieces = (): { add(piece: string): string; end(): string } => {
  let held = '';
  const safe = (text: string) => text.split('\t').map(printable).join('\t');
  return {
    add: (piece) => {
      const text = held + piece;
      const at = text.search(UNFINISHED);
      held = at < 0 ? '' : text.slice(at);
      return safe(at < 0 ? text : text.slice(0, at));
    },
    end: () => {
      const rest = held;
      held = '';
      return safe(rest);
    },
  };
};

/** `printable` on one line. */
export const printableLine = (text: string): string => printable(text).replace(/\s+/g, ' ').trim();

/**
 * A copy of an API's answer whose texts are all printable: names, labels and outputs are other people's texts. Line ends
 * within a text stay.
 */
export const printableValue = <T>(value: T): T => {
  if (typeof value === 'string') return printable(value) as T;
  if (Array.isArray(value)) return value.map(printableValue) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [printable(key), printableValue(each)]),
  ) as T;
};

/** Bidirectional controls and the C1 control characters, which JSON does not escape. */
const UNESCAPED = /[\p{Bidi_Control}\u007f-\u009f\u2028\u2029]/gu;

/** JSON for people and programs, with what could change a terminal as escapes: its meaning is the same. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
