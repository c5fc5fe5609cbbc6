import { displayWidth, padFront, padTo } from './display-width.ts';

const GAP = '  ';

/** Rows in columns as wide as their widest cell. The columns at `left` hold words and stand left, figures right. */
export const table = (rows: string[][], left: readonly number[]): string[] => {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map((width, at) => (left.includes(at) ? padTo : padFront)(row[at] ?? '', width))
      .join(GAP)
      .trimEnd(),
  );
};
