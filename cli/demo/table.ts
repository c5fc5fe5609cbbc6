import { displayWidth, padFront, padTo } from './display-width.ts';

const GAP = '  ';

/** Rows in columns as wide as their widest cell; the first and the last column stand left, figures right. */
export const table = (rows: string[][]): string[] => {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map((width, at) => (at === 0 || at === count - 1 ? padTo : padFront)(row[at] ?? '', width))
      .join(GAP)
      .trimEnd(),
  );
};
