import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const COLUMN_GAP = '  ';

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
 * Wraps text between words to lines of at most `width` columns (at least two, since some characters take two). A longer
 * word starts on a new line and is split. Line breaks of the text stay. Nothing but white space is lost; characters are
 * composed (NFC).
 */
export const wrap = (text: string, width: number): string[] => {
  const columns = Math.max(2, width);
  return text.split('\n').flatMap((line) => {
    const words = line.split(/\s+/u).map((word) => wrapAnsi(word, columns, { hard: true }));
    return wrapAnsi(words.join(' ').replaceAll('\n', ' '), columns).split('\n');
  });
};

/** Wraps to lines of at most `width` columns, between pieces where possible. */
export const wrapPieces = (pieces: readonly string[], separator: string, width: number): string[] => {
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = `${lines.at(-1)}${separator}${piece}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(...wrap(piece, width));
  }
  return lines;
};

/** Lays out rows in columns of their widest cell. The columns in `left` are left-aligned, all others right-aligned. */
export const table = (rows: string[][], left: readonly number[]): string[] => {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => stringWidth(row[at] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map((width, at) => (left.includes(at) ? padTo : padFront)(row[at] ?? '', width))
      .join(COLUMN_GAP)
      .trimEnd(),
  );
};

/** Pads text with spaces to `width` columns; longer text is unchanged. */
export const padTo = (text: string, width: number): string => text + spaces(text, width);

export const padFront = (text: string, width: number): string => spaces(text, width) + text;

const spaces = (text: string, width: number): string => ' '.repeat(Math.max(0, width - stringWidth(text)));
