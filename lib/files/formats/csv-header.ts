import { chooseDelimiter } from './choose-delimiter.ts';
import { isRunField } from './csv-fields.ts';
import { refuseFile, shortText } from './faults.ts';
import type { ReadFrom } from './source-record.ts';
import type { LineBreak } from './source-text.ts';

/** Characters from which the delimiter is chosen. Always the same ones, however they arrive. */
const LOOK_AHEAD = 256 * 1024;
const MAX_HEADER = 64 * 1024;
const MAX_BLANK = LOOK_AHEAD - MAX_HEADER;

/** A table's header. `rest` is the text after it that was already read; it begins at `next`. */
type CsvHeader = {
  columns: string[];
  delimiter: string | null;
  lineBreak: LineBreak;
  next: ReadFrom;
  rest: string;
};

/**
 * Reads the header of a table: the first row that is not blank, after Excel's optional `sep=;`. Without that hint, the
 * delimiter is the one on which the rows in the first 256 Ki characters agree (see `chooseDelimiter`). A header of one
 * column has no delimiter, so its rows need no quotes. `variables` are those that the file's template asks for.
 * @throws {InvalidInputError} `bad_header`, or `empty` when the file has no line.
 */
export const readCsvHeader = async (
  source: AsyncIterator<string>,
  start: ReadFrom,
  variables: ReadonlySet<string>,
): Promise<CsvHeader> => {
  const { text, rest, isWhole } = await beginningOf(source);
  const lineBreak = lineBreakOf(text);
  const { at, declared } = headerIn(text, lineBreak);
  if (isWhole && at === text.length) refuseFile('empty', 'the file is empty');
  if (!isWhole && at > MAX_BLANK)
    refuseFile('bad_header', `there is no header in the first ${MAX_BLANK} characters; remove blank lines`);
  const chosen = chooseDelimiter(text.slice(at), { declared, variables, lineBreak, isWhole });
  if (chosen.end > MAX_HEADER)
    refuseFile(
      'bad_header',
      `the header is over ${MAX_HEADER} characters; check for a quote in it that is never closed`,
    );
  if (chosen.header.isOpen)
    refuseFile('bad_header', 'a quote in the header is never closed; close or remove it');
  const before = text.slice(0, at + chosen.end);
  return {
    columns: columnsOf(chosen.header.cells.map((name) => name.trim())),
    delimiter: chosen.delimiter,
    lineBreak,
    next: {
      byte: start.byte + Buffer.byteLength(before),
      line: start.line + before.split(lineBreak).length - 1,
      records: 0,
    },
    rest: text.slice(before.length) + rest,
  };
};

/** Reads the first `LOOK_AHEAD` characters, and returns what came beyond them as `rest`. */
const beginningOf = async (
  source: AsyncIterator<string>,
): Promise<{ text: string; rest: string; isWhole: boolean }> => {
  let text = '';
  while (text.length <= LOOK_AHEAD) {
    const next = await source.next();
    if (next.done) return { text, rest: '', isWhole: true };
    text += next.value;
  }
  return { text: text.slice(0, LOOK_AHEAD), rest: text.slice(LOOK_AHEAD), isWhole: false };
};

/** The first line break outside quotes: CR alone ends the lines of tables that Excel saved "for Macintosh". */
const lineBreakOf = (text: string): LineBreak => {
  let isQuoted = false;
  for (const [mark] of text.matchAll(/"|\r\n?|\n/g)) {
    if (mark === '"') isQuoted = !isQuoted;
    else if (!isQuoted) return mark === '\r' ? '\r' : '\n';
  }
  return '\n';
};

const BLANK = /^(?:[\s,;|]|"")*$/;
/** `sep=;`, also in quotes, with spaces, or with the delimiters behind it that a spreadsheet adds to fill a row. */
const HINT = /^[\s"]*sep\s*=(["\s,;|]*)$/i;

/** Finds where the header begins, behind blank rows and a hint. The last delimiter in the hint's row is the table's. */
const headerIn = (text: string, lineBreak: LineBreak): { at: number; declared: string | undefined } => {
  let hint: RegExpExecArray | null = null;
  for (let at = 0; at < text.length; ) {
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

/** Gives each column a unique name. Excel leaves columns without a name, which are named for their position. */
const columnsOf = (names: string[]): string[] => {
  const columns = names.map((name, at) => name || `column_${at + 1}`);
  const seen = new Set<string>();
  for (const column of columns) {
    const name = isRunField(column) ? column.toLowerCase() : column;
    if (seen.has(name))
      refuseFile('bad_header', `the header names ${shortText(column)} twice; rename one of the two`);
    seen.add(name);
  }
  return columns;
};
