import stringWidth from 'string-width';
import { csvRow } from '../../lib/files/results/csv-cells.ts';
import { cutLine } from './layout.ts';
import { printable, printableLine } from './printable.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';
import { UNKNOWN } from './units.ts';

export type Column<Row> = {
  title: string;
  /** The cell as a person reads it. It is made printable, and one line. */
  text: (row: Row) => string;
  /** The cell in CSV, exact; by default the text. */
  csv?: (row: Row) => string | number | null | undefined;
  /** Left-aligned: for texts. Figures are right-aligned. */
  left?: true;
  /**
   * Left out on a narrow terminal: first a column in which nothing is known, then that of the highest number, among equals
   * the last one; `true` is 1.
   */
  optional?: true | number;
  /**
   * Cut to the width that is left; for one column, of previews. Other columns are left out before it has fewer columns
   * than this.
   */
  fills?: true | number;
};

const GAP = 2;
const NARROWEST_FILL = 12;

const narrowest = (fills: true | number | undefined): number =>
  typeof fills === 'number' ? fills : NARROWEST_FILL;

/** Prints rows under their titles, as wide as the screen allows; with `csv` as CSV with all columns, for programs. */
export const printTable = <Row>(
  screen: Screen,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { csv = false }: { csv?: boolean | undefined } = {},
): void => {
  if (csv) {
    const titles = columns.map(({ title }) => title);
    screen.write(csvRow(titles, ','));
    for (const row of rows)
      screen.write(
        csvRow(
          columns.map((column) => exactCell(column, row)),
          ',',
        ),
      );
    return;
  }
  for (const [at, line] of tableLines(columns, rows, screen.width()).entries())
    screen.line(at === 0 ? screen.dim(line) : line);
};

const exactCell = <Row>({ csv, text }: Column<Row>, row: Row): string | number | null | undefined => {
  const cell = (csv ?? text)(row);
  return typeof cell === 'string' ? printable(cell) : cell;
};

/** Whether the cells below a title say nothing. */
const isEmpty = ([, ...cells]: string[]): boolean =>
  cells.length > 0 && cells.every((cell) => cell === '' || cell === UNKNOWN);

/** The lines of a table of at most `width` columns, its titles first. */
export const tableLines = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string[] => {
  const cells = (column: Column<Row>) => [
    column.title,
    ...rows.map((row) => printableLine(column.text(row))),
  ];
  let shown = columns.map((column) => ({ column, cells: cells(column) }));
  const widthOf = ({ column, cells }: (typeof shown)[number]) =>
    column.fills ? narrowest(column.fills) : Math.max(...cells.map((cell) => stringWidth(cell)));
  const needed = () => shown.reduce((sum, each) => sum + widthOf(each), GAP * (shown.length - 1));
  while (needed() > width) {
    const ranks = shown.map(({ column, cells }) =>
      column.optional && isEmpty(cells) ? Number.POSITIVE_INFINITY : Number(column.optional ?? 0),
    );
    const highest = Math.max(...ranks);
    if (highest === 0) break;
    const first = ranks.lastIndexOf(highest);
    shown = shown.toSpliced(first, 1);
  }
  const spare = width - needed();
  const widthOfFill = (fills: true | number) => Math.max(NARROWEST_FILL, narrowest(fills) + spare);
  const columnsOfCells = shown.map(({ column, cells }) => {
    const { fills } = column;
    return fills ? cells.map((cell) => cutLine(cell, widthOfFill(fills))) : cells;
  });
  const left = shown.flatMap(({ column }, at) => (column.left || column.fills ? [at] : []));
  return table(
    [undefined, ...rows].map((_, row) => columnsOfCells.map((column) => column[row] ?? '')),
    left,
  );
};
