import { cutLine, wrapPieces } from './layout.ts';

/** The output: a terminal, a pipe or a file. */
export type Output = {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
  write(text: string): unknown;
};

/** Lines that are redrawn in place. */
type LiveLines = {
  /** Redraws the lines; if they do not fit on the screen, the first ones are left out. */
  show(lines: string[]): void;
  /** Draws all lines a last time. */
  finish(lines: string[]): void;
  /** Prints a line that stays, above the live ones. */
  above(line: string): void;
};

/** Styles a text on a terminal with colours; elsewhere the text stays as it is. */
type Style = (text: string) => string;

export type Screen = {
  write(text: string): void;
  line(text?: string): void;
  /** Prints `name` in its column, and beside it the pieces, joined with dots and wrapped. */
  entry(name: string, ...pieces: string[]): void;
  dim: Style;
  bold: Style;
  good: Style;
  bad: Style;
  attention: Style;
  /** Maximum columns of a line. */
  width(): number;
  /** Maximum lines that can be redrawn. */
  height(): number;
  /** Whether a person reads it; a pipe and a file get the result alone. */
  isTerminal: boolean;
  /** Whether lines can be redrawn in place; otherwise only final lines are printed. */
  isLive: boolean;
  /** Starts lines that can be redrawn; only on a live screen. */
  live(): LiveLines;
};

const NARROWEST_LIVE = 60;
const WITHOUT_TERMINAL = 100;
const NAME_WIDTH = 13;

/** Uses colours only on a terminal without NO_COLOR (https://no-color.org), and redraws only from 60 columns on. */
export const makeScreen = (output: Output, env: Record<string, string | undefined>): Screen => {
  const isTerminal = output.isTTY === true && env.TERM !== 'dumb';
  const isColoured = isTerminal && !env.NO_COLOR;
  // Leave the last column free: terminals differ in how they wrap a line that fills it.
  const width = () => (isTerminal ? Math.max(20, (output.columns ?? 80) - 1) : WITHOUT_TERMINAL);
  const height = () => (output.rows ?? 24) - 1;
  const styled = (begin: number, end: number) => (text: string) =>
    isColoured ? `\x1b[${begin}m${text}\x1b[${end}m` : text;
  const write = (text: string) => void output.write(text);
  const line = (text = '') => write(`${text}\n`);
  const bold = styled(1, 22);

  return {
    write,
    line,
    entry: (name, ...pieces) => {
      const lines = wrapPieces(pieces, ' · ', width() - NAME_WIDTH);
      lines.forEach((each, at) => {
        line(at === 0 ? bold(name.padEnd(NAME_WIDTH)) + each : ' '.repeat(NAME_WIDTH) + each);
      });
    },
    dim: styled(2, 22),
    bold,
    good: styled(32, 39),
    bad: styled(31, 39),
    attention: styled(33, 39),
    width,
    height,
    isTerminal: output.isTTY === true,
    isLive: isTerminal && (output.columns ?? 0) >= NARROWEST_LIVE,
    live: () => liveLines(write, width, height),
  };
};

/** Moves the cursor up to the first line and redraws. The cursor cannot move above the top of the screen. */
const liveLines = (write: (text: string) => void, width: () => number, maxRows: () => number): LiveLines => {
  let drawn: string[] = [];
  const draw = (lines: string[], stays: string[] = []) => {
    const up = drawn.length > 0 ? `\x1b[${drawn.length}A` : '';
    write(`${up}\r${[...stays, ...lines].map((each) => `\x1b[2K${each}\n`).join('')}\x1b[J`);
    drawn = lines;
  };
  const fitting = (lines: string[]) => lines.map((line) => cutLine(line, width()));
  return {
    finish: (lines) => draw(fitting(lines)),
    show: (lines) => draw(fitting(lines).slice(-Math.max(1, maxRows()))),
    above: (line) => draw(drawn, [line]),
  };
};
