import { isRunField } from './csv-fields.ts';
import { type CsvRow, isBlankRow, makeRowReader } from './csv-row.ts';
import { type LineBreak, linePartsOf } from './source-text.ts';

/** A reading of a table's beginning; a table of one column has no delimiter. `end` is the header's end in the text. */
type Reading = { delimiter: string | null; header: CsvRow; end: number };

/** Candidates; of two that fit equally, the earlier one is chosen. The comma is last: prose and numbers have it too. */
const DELIMITERS = ['\t', ';', '|', ','];

/** A row counts as full when it has as many cells as the header. Its empty last cells may be left out. */
const FULL = 1;
const SHORT = 0.7;
const UNDIVIDED = 0.4;
/** One column always fits, so it is chosen only when the rows contradict every delimiter. */
const ONE_COLUMN = 0.5;
/** The names that this file needs outweigh rows that fit half, but not rows that do not fit at all. */
const NAMES_NEEDED = 0.9;
const ANY_RUN_FIELD = 0.05;
const SPACES = 0.2;
const UNSOUND_HEADER = 10;

/**
 * Chooses the delimiter by how well the rows of `text` agree with its first row, the header. Where several agree, the
 * one counts that yields the columns which the file needs (`variables` of its template, else a prompt), then the one
 * whose cells do not begin with a space, as they do where a comma belongs to prose. `declared` leaves no choice.
 * `isWhole` is false when `text` is only the beginning of the table, and may end within a row.
 */
export const chooseDelimiter = (
  text: string,
  {
    declared,
    variables,
    ...how
  }: { declared: string | undefined; variables: ReadonlySet<string>; lineBreak: LineBreak; isWhole: boolean },
): Reading => {
  const readings = (declared === undefined ? DELIMITERS : [declared])
    .map((delimiter) => readRows(text, { delimiter, ...how }))
    .filter(({ header }) => header.cells.length > 1);
  const oneColumn = readRows(text, { delimiter: null, ...how });
  if (declared !== undefined) return readings[0] ?? oneColumn;
  const ranked = [...readings, oneColumn].map((reading) => ({ reading, score: scoreOf(reading, variables) }));
  return ranked.reduce((best, next) => (next.score > best.score ? next : best)).reading;
};

type Rows = Reading & { rows: CsvRow[] };

const readRows = (
  text: string,
  { delimiter, lineBreak, isWhole }: { delimiter: string | null; lineBreak: LineBreak; isWhole: boolean },
): Rows => {
  const reader = makeRowReader(delimiter, text.length);
  const rows: CsvRow[] = [];
  let header: Pick<Rows, 'header' | 'end'> | undefined;
  let at = 0;
  let begin = 0;
  const take = () => {
    const row = reader.take();
    if (header) rows.push(row);
    header ??= { header: row, end: at };
    begin = at;
  };
  for (const part of linePartsOf(text, lineBreak)) {
    at += part.text.length + (part.endsLine ? 1 : 0);
    if (reader.add(part.text, part.endsLine)) take();
  }
  if (!header || (isWhole && begin < at)) take();
  return { delimiter, ...(header ?? { header: reader.take(), end: at }), rows };
};

const scoreOf = ({ delimiter, header, rows }: Rows, variables: ReadonlySet<string>): number => {
  const names = header.cells.map((name) => name.trim());
  const agreement = delimiter === null ? ONE_COLUMN : agreementOf(rows, names.length);
  return (
    agreement +
    NAMES_NEEDED * shareNeeded(names, variables) +
    (names.some((name) => isRunField(name)) ? ANY_RUN_FIELD : 0) -
    SPACES * shareSpaced([header, ...rows]) -
    (header.fault !== null || header.isOpen ? UNSOUND_HEADER : 0)
  );
};

const agreementOf = (rows: CsvRow[], columns: number): number => {
  const shown = rows.filter((row) => !isBlankRow(row));
  // A table of which nothing but the header is there yet contradicts nothing.
  if (shown.length === 0) return FULL;
  const isDivided = shown.some(({ cells }) => cells.length > 1);
  const sum = shown.reduce((total, row) => total + fitOf(row, columns, isDivided), 0);
  return sum / shown.length;
};

const fitOf = ({ cells, fault, isOpen }: CsvRow, columns: number, isDivided: boolean): number => {
  if (fault !== null || isOpen || cells.slice(columns).some((cell) => cell.trim() !== '')) return 0;
  if (cells.length >= columns) return FULL;
  if (cells.length > 1) return SHORT;
  return isDivided ? UNDIVIDED : 0;
};

const shareNeeded = (names: string[], variables: ReadonlySet<string>): number => {
  if (variables.size === 0) return names.some((name) => isRunField(name, ['prompt', 'messages'])) ? 1 : 0;
  const found = [...variables].filter((variable) =>
    names.some((name) => (isRunField(name) ? name.toLowerCase() : name) === variable),
  );
  return found.length / variables.size;
};

const shareSpaced = (rows: CsvRow[]): number => {
  const inner = rows.flatMap(({ cells }) => cells.slice(1));
  return inner.length === 0 ? 0 : inner.filter((cell) => cell.startsWith(' ')).length / inner.length;
};
