import { padTo, wrap } from './layout.ts';
import { printable } from './printable.ts';
import type { Screen } from './screen.ts';

/** About 30 redraws a second look continuous. */
const REDRAW_MS = 33;
/** Redrawing takes a tenth of the time at most: long texts are redrawn less often. */
const SHARE_OF_TIME = 0.1;
const BETWEEN = ' │ ';
/** A column that is narrower is no pleasure to read. */
const NARROWEST_COLUMN = 24;

type ShownTexts = {
  /** Sets the text so far, by the index of its title. */
  update(at: number, text: string): void;
  /** Prints a line that stays, above the texts. */
  above(line: string): void;
  /** Prints the current texts a last time. */
  finish(): void;
  /** Stops redrawing, so that other lines can be printed below. */
  stop(): void;
};

/** Whether so many texts can stand side by side. */
export const fitSideBySide = (count: number, width: number): boolean =>
  columnWidth(count, width) >= NARROWEST_COLUMN;

const columnWidth = (count: number, width: number): number =>
  Math.max(2, Math.floor((width - BETWEEN.length * (count - 1)) / count));

/** Shows texts side by side as they grow; a screen that is not live gets the finished texts below each other. */
export const showTexts = (screen: Screen, titles: readonly string[]): ShownTexts => {
  const texts = titles.map((title) => ({ title, text: '' }));
  const blocks = () =>
    texts.map(({ title, text }) => ({ title: printable(title), text: printable(text).trim() }));
  const lines = () =>
    columns(blocks(), screen.width()).map((line, at) => (at === 0 ? screen.bold(line) : line));
  const live = screen.isLive ? screen.live() : undefined;
  let timer: NodeJS.Timeout | undefined;
  let pauseMs = REDRAW_MS;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  live?.show(lines());
  return {
    update: (at, text) => {
      const block = texts[at];
      if (block) block.text = text;
      if (!live || timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        const begun = performance.now();
        live.show(lines());
        pauseMs = Math.max(REDRAW_MS, (performance.now() - begun) / SHARE_OF_TIME);
      }, pauseMs);
    },
    above: (line) => (live ? live.above(line) : screen.line(line)),
    finish: () => {
      stop();
      if (live) return live.finish(lines());
      for (const { title, text } of blocks()) {
        for (const line of [title, ...wrap(text, screen.width()), '']) screen.line(line);
      }
    },
    stop,
  };
};

/** A text under its title. */
type Block = { title: string; text: string };

/** Lays blocks out side by side in columns of equal width, at most `width` in total. Titles are the first line. */
export const columns = (blocks: Block[], width: number): string[] => {
  const each = columnWidth(blocks.length, width);
  const texts = blocks.map(({ title, text }) => [...wrap(title, each).slice(0, 1), ...wrap(text, each)]);
  const height = Math.max(...texts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    texts
      .map((lines) => padTo(lines[row] ?? '', each))
      .join(BETWEEN)
      .trimEnd(),
  );
};
