import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

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

/** The first `width` columns of a line, with an ellipsis where something is left out. Styles are closed. */
export const cutLine = (line: string, width: number): string => {
  if (stringWidth(line) <= width) return line;
  const [first = ''] = wrapAnsi(line, Math.max(1, width - 1), {
    hard: true,
    wordWrap: false,
    trim: false,
  }).split('\n');
  return `${first}…`;
};

/** The lines that a terminal of `width` columns makes of one line. */
export const fold = (line: string, width: number): string[] =>
  wrapAnsi(line, width, { hard: true, wordWrap: false, trim: false }).split('\n');

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

/** Pads text with spaces to `width` columns; longer text is unchanged. */
export const padTo = (text: string, width: number): string => text + spaces(text, width);

export const padFront = (text: string, width: number): string => spaces(text, width) + text;

const spaces = (text: string, width: number): string => ' '.repeat(Math.max(0, width - stringWidth(text)));
