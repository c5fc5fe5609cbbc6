import { wrapPieces } from './layout.ts';

/** Where it is printed: a terminal, a pipe or a file. */
export type Output = {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
  write(text: string): unknown;
};

/** Lines that are shown again and again in the same place. */
type LiveLines = {
  /** What does not fit on the screen is left out at the top. */
  show(lines: string[]): void;
  /** Shows all of them, to stay. */
  finish(lines: string[]): void;
};

export type Screen = {
  write(text: string): void;
  line(text?: string): void;
  /** `name` in its column, then the pieces with dots between, wrapped beside it. */
  entry(name: string, ...pieces: string[]): void;
  dim(text: string): string;
  bold(text: string): string;
  /** Columns a line may take. */
  width(): number;
  /** Whether lines can be shown again in place; else only what is final is printed. */
  isLive: boolean;
  /** Begins lines that can be shown again; only for a live screen. */
  live(): LiveLines;
};

const NARROWEST_LIVE = 60;
const WITHOUT_TERMINAL = 100;
const NAME_WIDTH = 13;

/** Colours only on a terminal without NO_COLOR, changes in place only on one of 60 columns or more. */
export const makeScreen = (output: Output, env: Record<string, string | undefined>): Screen => {
  const isTerminal = output.isTTY === true && env.TERM !== 'dumb';
  const isColoured = isTerminal && !env.NO_COLOR;
  // The last column stays free: terminals differ in what a line that fills it does.
  const width = () => (isTerminal ? Math.max(20, (output.columns ?? 80) - 1) : WITHOUT_TERMINAL);
  const styled = (code: number) => (text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[22m` : text);
  const write = (text: string) => void output.write(text);
  const line = (text = '') => write(`${text}\n`);
  const bold = styled(1);

  return {
    write,
    line,
    entry: (name, ...pieces) => {
      const lines = wrapPieces(pieces, ' · ', width() - NAME_WIDTH);
      lines.forEach((each, at) => {
        line(at === 0 ? bold(name.padEnd(NAME_WIDTH)) + each : ' '.repeat(NAME_WIDTH) + each);
      });
    },
    dim: styled(2),
    bold,
    width,
    isLive: isTerminal && (output.columns ?? 0) >= NARROWEST_LIVE,
    live: () => liveLines(write, () => (output.rows ?? 24) - 1),
  };
};

/** Goes up to where it began and writes anew; the cursor cannot go up beyond the screen's top. */
const liveLines = (write: (text: string) => void, mostRows: () => number): LiveLines => {
  let height = 0;
  const finish = (lines: string[]) => {
    const up = height > 0 ? `\x1b[${height}A` : '';
    write(`${up}\r${lines.map((each) => `\x1b[2K${each}\n`).join('')}\x1b[J`);
    height = lines.length;
  };
  return { finish, show: (lines) => finish(lines.slice(-Math.max(1, mostRows()))) };
};
