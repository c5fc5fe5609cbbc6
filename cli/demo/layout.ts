import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const COLUMN_GAP = '  ';

/**
 * Text from elsewhere, made safe for a terminal: no escape sequences or control characters, nothing that turns the
 * direction of what follows, no lone surrogates. Tabs become spaces, every kind of line end a plain one.
 */
export const printable = (text: string): string =>
  stripVTControlCharacters(text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n'))
    .toWellFormed()
    .replaceAll('\t', ' ')
    .replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '');

/** The same in one line. */
export const printableLine = (text: string): string => printable(text).replace(/\s+/g, ' ').trim();

/**
 * Lines of at most `width` columns (two at least, since some characters take two), broken between words; a longer
 * word begins a line of its own and is cut. Line breaks of the text stay. Of the text only white space is lost; its
 * characters come out composed (NFC).
 */
export const wrap = (text: string, width: number): string[] => {
  const columns = Math.max(2, width);
  return text.split('\n').flatMap((line) => {
    const words = line.split(/\s+/u).map((word) => wrapAnsi(word, columns, { hard: true }));
    return wrapAnsi(words.join(' ').replaceAll('\n', ' '), columns).split('\n');
  });
};

/** Lines of at most `width` columns, broken only between pieces where that is possible. */
export const wrapPieces = (pieces: readonly string[], separator: string, width: number): string[] => {
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = `${lines.at(-1)}${separator}${piece}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(...wrap(piece, width));
  }
  return lines;
};

/** Rows in columns as wide as their widest cell. The columns at `left` hold words and stand left, figures right. */
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

/** Filled up with spaces to `width` columns; a longer text stays as it is. */
export const padTo = (text: string, width: number): string => text + spaces(text, width);

export const padFront = (text: string, width: number): string => spaces(text, width) + text;

const spaces = (text: string, width: number): string => ' '.repeat(Math.max(0, width - stringWidth(text)));
