import { isRunField } from './run-fields.ts';

/** A row of a table. `line` is where it begins, counted from 1; `end` is the place in the text behind it. */
type Row = { cells: string[]; line: number; end: number };

/** A table's beginning: its columns, and its rows that are not blank. */
export type Table = { columns: string[]; rows: Row[] };

type Reading = { delimiter: string | null; lineBreak: '\n' | '\r' };
type ReadRow = Row & { isSound: boolean };

/** Candidates. The comma is last, since prose and numbers have it too. */
const DELIMITERS = ['\t', ';', '|', ','];
/** Characters from which the delimiter is chosen. */
const LOOK_AHEAD = 256 * 1024;

/**
 * Reads a table as the API does (lib/files/formats, which needs Node): the delimiter on which the rows agree, or that of a
 * first line `sep=;`. `variables` are those that the template asks for. Without `isWhole` the text may end within a row,
 * which is left out.
 */
export const readTable = (
  text: string,
  { variables, isWhole }: { variables: ReadonlySet<string>; isWhole: boolean },
): Table => {
  const begin = text.startsWith('\u{feff}') ? 1 : 0;
  const lineBreak = lineBreakOf(text);
  const { at, declared } = headerIn(text, begin, lineBreak);
  const beginning = text.slice(at, begin + LOOK_AHEAD);
  const isAll = isWhole && text.length <= begin + LOOK_AHEAD;
  const delimiter = chooseDelimiter(beginning, { lineBreak, variables, declared, isWhole: isAll });
  const skipped = text.slice(0, at).split(lineBreak).length - 1;
  const [header, ...rows] = readRows(text.slice(at), { delimiter, lineBreak }, isWhole).map((row) => ({
    ...row,
    line: row.line + skipped,
    end: row.end + at,
  }));
  return {
    columns: (header?.cells ?? []).map((name, place) => name.trim() || `column_${place + 1}`),
    rows: rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')),
  };
};

/** The first line break outside quotes: CR alone ends the lines of tables that Excel saved "for Macintosh". */
const lineBreakOf = (text: string): '\n' | '\r' => {
  let isQuoted = false;
  for (const [mark] of text.matchAll(/"|\r\n?|\n/g)) {
    if (mark === '"') isQuoted = !isQuoted;
    else if (!isQuoted) return mark === '\r' ? '\r' : '\n';
  }
  return '\n';
};

const BLANK = /^(?:[\s,;|]|"")*$/;
const HINT = /^[\s"]*sep\s*=(["\s,;|]*)$/i;

/** Where the header begins, behind blank rows and a hint. */
const headerIn = (
  text: string,
  begin: number,
  lineBreak: string,
): { at: number; declared: string | undefined } => {
  let hint: RegExpExecArray | null = null;
  for (let at = begin; at < text.length; ) {
    const to = text.indexOf(lineBreak, at);
    const line = text.slice(at, to === -1 ? text.length : to).replace(/\r$/, '');
    const found: RegExpExecArray | null = hint ? null : HINT.exec(line);
    if (!found && !BLANK.test(line))
      return { at, declared: /[,;\t|](?=[^,;\t|]*$)/.exec(hint?.[1] ?? '')?.[0] };
    hint ??= found;
    at = to === -1 ? text.length : to + 1;
  }
  return { at: text.length, declared: undefined };
};

/** The rows of RFC 4180, of which the last is left out if the text is not whole. */
const readRows = (text: string, { delimiter, lineBreak }: Reading, isWhole: boolean): ReadRow[] => {
  const rows: ReadRow[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const row: ReadRow = { cells: [], line, end: at, isSound: true };
    for (let isOver = false; !isOver; ) {
      const cell = readCell(text, at, delimiter, lineBreak);
      row.cells.push(cell.text);
      row.isSound &&= cell.isSound;
      at = cell.end + 1;
      isOver = cell.end >= text.length || text[cell.end] === lineBreak;
    }
    // Without a line break behind it, the row of a part may go on.
    if (at > text.length && !isWhole) break;
    line += text.slice(row.end, at).split(lineBreak).length - 1;
    row.end = Math.min(at, text.length);
    rows.push(row);
  }
  return rows;
};

type Cell = { text: string; end: number; isSound: boolean };

/** The cell that begins at `at`; it ends at a delimiter, a line break or the end of the text. */
const readCell = (text: string, at: number, delimiter: string | null, lineBreak: string): Cell => {
  // Within its line, since a delimiter that a table does not have would be searched to the end of the text.
  const endFrom = (from: number): number => {
    const found = text.indexOf(lineBreak, from);
    const lineEnd = found === -1 ? text.length : found;
    const ofCell = delimiter === null ? -1 : text.slice(from, lineEnd).indexOf(delimiter);
    return ofCell === -1 ? lineEnd : from + ofCell;
  };
  if (text[at] !== '"') {
    const end = endFrom(at);
    const own = text.slice(at, end);
    return { text: text[end] !== delimiter ? own.replace(/\r$/, '') : own, end, isSound: true };
  }
  let close = at + 1;
  for (;;) {
    close = text.indexOf('"', close);
    if (close === -1) return { text: text.slice(at + 1), end: text.length, isSound: false };
    if (text[close + 1] !== '"') break;
    close += 2;
  }
  const end = endFrom(close + 1);
  const isSound = text.slice(close + 1, end).trim() === '';
  return { text: text.slice(at + 1, close).replaceAll('""', '"'), end, isSound };
};

type Choosing = {
  lineBreak: '\n' | '\r';
  variables: ReadonlySet<string>;
  declared: string | undefined;
  isWhole: boolean;
};

/** The weights of lib/files/formats/choose-delimiter.ts, which says why each is so large. */
const WEIGHTS = {
  short: 0.7,
  undivided: 0.4,
  oneColumn: 0.5,
  names: 0.9,
  anyField: 0.05,
  spaces: 0.2,
  unsound: 10,
};

const chooseDelimiter = (
  text: string,
  { lineBreak, variables, declared, isWhole }: Choosing,
): string | null => {
  const read = (delimiter: string | null) => ({
    delimiter,
    rows: readRows(text, { delimiter, lineBreak }, isWhole),
  });
  const divided = (declared === undefined ? DELIMITERS : [declared])
    .map(read)
    .filter(({ rows }) => (rows[0]?.cells.length ?? 0) > 1);
  if (declared !== undefined) return divided[0]?.delimiter ?? null;
  const scored = [...divided, read(null)].map((each) => ({ ...each, score: scoreOf(each, variables) }));
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
};

const scoreOf = (
  { delimiter, rows: [header, ...rows] }: { delimiter: string | null; rows: ReadRow[] },
  variables: ReadonlySet<string>,
): number => {
  const names = (header?.cells ?? []).map((name) => name.trim());
  const inner = [...(header ? [header] : []), ...rows].flatMap(({ cells }) => cells.slice(1));
  const spaced = inner.filter((cell) => cell.startsWith(' ')).length / (inner.length || 1);
  return (
    (delimiter === null ? WEIGHTS.oneColumn : agreementOf(rows, names.length)) +
    WEIGHTS.names * shareNeeded(names, variables) +
    (names.some((name) => isRunField(name)) ? WEIGHTS.anyField : 0) -
    WEIGHTS.spaces * spaced -
    (header?.isSound === false ? WEIGHTS.unsound : 0)
  );
};

const agreementOf = (rows: readonly ReadRow[], columns: number): number => {
  const shown = rows.filter(({ cells, isSound }) => !isSound || cells.some((cell) => cell.trim() !== ''));
  if (shown.length === 0) return 1;
  const isDivided = shown.some(({ cells }) => cells.length > 1);
  const fits = shown.map(({ cells, isSound }) => {
    if (!isSound || cells.slice(columns).some((cell) => cell.trim() !== '')) return 0;
    if (cells.length >= columns) return 1;
    if (cells.length > 1) return WEIGHTS.short;
    return isDivided ? WEIGHTS.undivided : 0;
  });
  return fits.reduce<number>((sum, fit) => sum + fit, 0) / shown.length;
};

const shareNeeded = (names: readonly string[], variables: ReadonlySet<string>): number => {
  if (variables.size === 0) return names.some((name) => /^(prompt|messages)$/i.test(name)) ? 1 : 0;
  const own = names.map((name) => (isRunField(name) ? name.toLowerCase() : name));
  return [...variables].filter((variable) => own.includes(variable)).length / variables.size;
};
