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
