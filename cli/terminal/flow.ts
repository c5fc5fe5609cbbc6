import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/**
 * Wraps a text that arrives in pieces between its words. Each piece can be shown at once: a word that grows beyond its
 * line is taken back there and written on the next one. A word that is longer than a line is split.
 *
 * `add` returns what to write to a terminal whose cursor is where the piece before ended. The text must be printable.
 */
export const flowText = (width: () => number): { add: (text: string) => string } => {
  let column = 0;
  let word = '';
  const addSpace = (space: string): string => {
    word = '';
    column += space.length;
    if (column < width()) return space;
    column = 0;
    return '\n';
  };
  const addLetters = (letters: string): string => {
    const [wide, before] = [stringWidth(letters), stringWidth(word)];
    if (column + wide <= width()) {
      column += wide;
      word += letters;
      return letters;
    }
    const lines = wrapAnsi(word + letters, Math.max(2, width()), { hard: true }).split('\n');
    const back = before === 0 ? '' : `\x1b[${before}D\x1b[K`;
    const begin = column === before ? '' : '\n';
    word = lines.at(-1) ?? '';
    column = stringWidth(word);
    return `${back}${begin}${lines.join('\n')}`;
  };
  return {
    add: (text) => {
      let written = '';
      for (const [part] of text.matchAll(/\n|[^\S\n]+|\S+/gu)) {
        if (part === '\n') {
          [column, word] = [0, ''];
          written += part;
        } else written += /^\s/u.test(part) ? addSpace(part) : addLetters(part);
      }
      return written;
    },
  };
};
