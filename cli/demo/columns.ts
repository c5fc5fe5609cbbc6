import { padTo, wrap } from './layout.ts';

/** A text under its title. */
export type Block = { title: string; text: string };

const BETWEEN = ' │ ';

/** Blocks side by side in columns of equal width, each line at most `width` columns. Titles are the first line. */
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
