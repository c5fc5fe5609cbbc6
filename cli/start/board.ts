import { setTimeout as delay } from 'node:timers/promises';
import { cutLine, fold, wrapPieces } from '../terminal/layout.ts';
import type { Screen } from '../terminal/screen.ts';
import { formatLogLine, makeRepeats, type Warning, warningOf } from './log-lines.ts';
import { type EndOfWork, plainWorkLines, workLines } from './progress-lines.ts';
import type { Work } from './work.ts';

/** Everything that `start` prints once the stack is up: lines that stay, above those of the work in hand. */
export type Board = {
  /** Takes a line of the stack's log. */
  log: (line: string) => void;
  stay: (text: string, style?: 'good' | 'bad' | 'attention' | 'dim') => void;
  end: (end: EndOfWork) => void;
  work: (work: Work) => void;
  /** Begins to print: lines are held back until then. */
  open: () => void;
  /** Removes the lines of the work, and prints what is left to say. */
  close: () => void;
};

const PLAIN_EVERY_MS = 10_000;
const TICK_MS = 1_000;
const MARKS = { '✓': 'good', '!': 'attention', '✗': 'bad' } as const;

export const makeBoard = (screen: Screen, { verbose }: { verbose: boolean }): Board => {
  const live = screen.isLive ? screen.live() : undefined;
  const repeats = makeRepeats();
  const stop = new AbortController();
  let held: (() => void)[] | undefined = [];
  let plainAtMs = -PLAIN_EVERY_MS;

  const print = (line: string) => {
    if (!live) return screen.line(line);
    // A line that the terminal wraps would leave parts of the redrawn ones behind.
    for (const each of fold(line, screen.width())) live.above(each);
  };
  const pieces = (first: string, rest: string[]) => {
    const indent = '  ';
    const [line = '', ...more] = wrapPieces([first, ...rest], ' · ', screen.width() - indent.length);
    for (const each of [line, ...more.map((text) => indent + text)]) print(each);
  };

  const printWarning = ({ text, isError }: Warning, again?: number) => {
    const mark = isError ? screen.bad('error') : screen.attention('warning');
    const times = again === undefined ? '' : ` (${again} more)`;
    print(cutLine(`${mark}  ${text}`, screen.width() - times.length) + times);
  };
  const printCounts = (nowMs: number) => {
    for (const due of repeats.due(nowMs)) printWarning(due, due.again);
  };
  const log = (line: string) => {
    if (verbose) {
      const shown = screen.isTerminal ? formatLogLine(line) : line;
      if (shown !== undefined) print(shown);
      return;
    }
    const found = warningOf(line);
    if (found && repeats.isNew(found, performance.now())) printWarning(found);
  };
  const tick = async () => {
    while (!stop.signal.aborted) {
      printCounts(performance.now());
      await delay(TICK_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };

  const whenOpen = (work: () => void) => (held ? void held.push(work) : work());

  return {
    log: (line) => whenOpen(() => log(line)),
    stay: (text, style) =>
      whenOpen(() => {
        for (const line of wrapPieces([text], '', screen.width())) print(style ? screen[style](line) : line);
      }),
    end: ({ mark, name, pieces: rest }) => {
      const [first = '', ...others] = rest;
      pieces(`${screen[MARKS[mark]](mark)} ${screen.bold(name)}: ${first}`, others);
    },
    work: (work) => {
      if (live) {
        const lines = workLines(work, screen.width());
        return live.show(lines.map((line, at) => (at === 0 ? screen.dim(line) : line)));
      }
      if (performance.now() - plainAtMs < PLAIN_EVERY_MS) return;
      const lines = plainWorkLines(work);
      if (lines.length > 0) plainAtMs = performance.now();
      for (const line of lines) screen.line(line);
    },
    open: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const work of waiting) work();
      void tick();
    },
    close: () => {
      stop.abort();
      live?.show([]);
      printCounts(Number.POSITIVE_INFINITY);
    },
  };
};
