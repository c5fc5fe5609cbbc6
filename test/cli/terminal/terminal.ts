import type { Output } from '../../../cli/terminal/screen.ts';

/**
 * A terminal with the features that the demo uses: line ends, returns, cursor up (never above the screen's top) and
 * back, erase line, to its end and below; styles take no room. Lines that scrolled away are kept, as in a terminal's history.
 */
export const makeTerminal = (columns: number, rows: number): Output & { lines(): string[] } => {
  let lines: string[] = [''];
  let row = 0;
  let column = 0;

  const put = (character: string) => {
    const line = (lines[row] ?? '').padEnd(column);
    lines[row] = line.slice(0, column) + character + line.slice(column + 1);
    column += 1;
  };
  const control = (count: number, letter: string) => {
    const top = Math.max(0, lines.length - rows);
    if (letter === 'A') row = Math.max(top, row - Math.max(1, count));
    if (letter === 'D') column = Math.max(0, column - Math.max(1, count));
    if (letter === 'K') lines[row] = count === 2 ? '' : (lines[row] ?? '').slice(0, column);
    if (letter === 'J') lines = [...lines.slice(0, row), (lines[row] ?? '').slice(0, column)];
  };
  return {
    isTTY: true,
    columns,
    rows,
    write: (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal reads
      for (const [whole, count, letter] of text.matchAll(/\x1b\[(\d*)([A-Za-z])|[^\x1b]/gu)) {
        if (letter !== undefined) control(Number(count), letter);
        else if (whole === '\r') column = 0;
        else if (whole === '\n') {
          row += 1;
          column = 0;
          lines[row] ??= '';
        } else put(whole);
      }
    },
    lines: () => (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map((line) => line.trimEnd()),
  };
};
