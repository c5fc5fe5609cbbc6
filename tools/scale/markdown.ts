const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A table in Markdown, with all columns but the first aligned right. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
/** Like `table`, with the last column aligned left. */
export const tableWithText = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  table(head, rows).replace(/ ---: \|$/m, ' --- |');

/** A number with two or three significant digits, or as a whole number from 1,000 on. */
export const count = (amount: number): string => {
  if (amount >= 1_000) return Math.round(amount).toLocaleString('en-US');
  return String(Number(amount.toPrecision(amount >= 100 ? 3 : 2)));
};
