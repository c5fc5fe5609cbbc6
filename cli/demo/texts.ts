import { padTo, wrap } from '../terminal/layout.ts';
import { printable } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';

/** About 30 redraws a second look continuous. */
const REDRAW_MS = 33;
const BETWEEN = ' │ ';

type ShownTexts = {
  /** Sets the text so far, by the index of its title. */
  update(at: number, text: string): void;
  /** Prints the current texts a last time. */
  finish(): void;
  /** Stops redrawing, so that other lines can be printed below. */
  stop(): void;
};

/** Shows texts side by side as they grow; a screen that is not live gets the finished texts below each other. */
export const showTexts = (screen: Screen, titles: readonly string[]): ShownTexts => {
  const blocks: Block[] = titles.map((title) => ({ title: printable(title), text: '' }));
  const lines = () =>
    columns(blocks, screen.width()).map((line, at) => (at === 0 ? screen.bold(line) : line));
  const live = screen.isLive ? screen.live() : undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  live?.show(lines());
  return {
    update: (at, text) => {
      const block = blocks[at];
      if (block) block.text = printable(text).trim();
      if (!live || timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        live.show(lines());
      }, REDRAW_MS);
    },
    finish: () => {
      stop();
      if (live) return live.finish(lines());
      for (const { title, text } of blocks) {
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
  const each = Math.max(2, Math.floor((width - BETWEEN.length * (blocks.length - 1)) / blocks.length));
  const texts = blocks.map(({ title, text }) => [...wrap(title, each).slice(0, 1), ...wrap(text, each)]);
  const height = Math.max(...texts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    texts
      .map((lines) => padTo(lines[row] ?? '', each))
      .join(BETWEEN)
      .trimEnd(),
  );
};
