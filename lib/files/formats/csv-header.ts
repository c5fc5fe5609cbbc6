import { isRunField } from './csv-fields.ts';
import { makeRowReader } from './csv-row.ts';
import { refuseFile, shortText } from './faults.ts';
import type { ReadFrom } from './source-record.ts';
import { linePartsOf } from './source-text.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const MAX_HEADER = 64 * 1024;

/** A table's header. `rest` is the text after it that was already read; it begins at `next`. */
type CsvHeader = { columns: string[]; delimiter: string | null; next: ReadFrom; rest: string };

/**
 * Reads the header of a table: the first line that is not blank, after Excel's optional `sep=;`. Without that hint, the
 * delimiter is the one that yields the name of a run field, else the one that yields the most columns. A header of one
 * column has no delimiter, so its rows need no quotes.
 * @throws {InvalidInputError} `bad_header`, or `empty` when the file has no line.
 */
export const readCsvHeader = async (source: AsyncIterator<string>, start: ReadFrom): Promise<CsvHeader> => {
  let { byte, line } = start;
  let header = '';
  let declared: string | undefined;
  for (let next = await source.next(); !next.done; next = await source.next()) {
    let at = 0;
    for (const { text, bytes, endsLine } of linePartsOf(next.value)) {
      header += endsLine ? `${text}\n` : text;
      at += text.length + 1;
      byte += bytes;
      if (header.length > MAX_HEADER)
        refuseFile(
          'bad_header',
          `the header is over ${MAX_HEADER} characters; check for a quote in it that is never closed`,
        );
      if (!endsLine) continue;
      line += 1;
      const hint = /^sep=([,;\t|])\r?\n$/i.exec(header)?.[1];
      declared ??= hint;
      if (header.trim() === '' || hint !== undefined) header = '';
      else if (isClosed(header)) {
        const rest = next.value.slice(at);
        return { ...chooseColumns(header, declared), next: { byte, line, records: 0 }, rest };
      }
    }
  }
  if (header.trim() === '') refuseFile('empty', 'the file is empty');
  if (!isClosed(header))
    refuseFile('bad_header', 'a quote in the header is never closed; close or remove it');
  return { ...chooseColumns(header, declared), next: { byte, line, records: 0 }, rest: '' };
};

const isClosed = (text: string): boolean => (text.split('"').length - 1) % 2 === 0;

const chooseColumns = (
  header: string,
  declared: string | undefined,
): { columns: string[]; delimiter: string | null } => {
  const text = header.replace(/\r?\n$/, '');
  if (/\r(?!\n)/.test(text))
    refuseFile('bad_header', 'lines end in CR alone; save the table as "CSV UTF-8" and drop it again');
  const choices = (declared === undefined ? DELIMITERS : [declared]).map((delimiter) => {
    const { names, isSound } = readNames(text, delimiter);
    return {
      delimiter,
      names,
      rank: [isSound, names.some((name) => isRunField(name)), names.length].map(Number),
    };
  });
  const { delimiter = null, names = [] } = choices.toSorted(byRank)[0] ?? {};
  return { columns: columnsOf(names), delimiter: names.length > 1 ? delimiter : null };
};

/** Orders by rank, highest first; equal ranks keep their order. */
const byRank = (a: { rank: number[] }, b: { rank: number[] }): number =>
  a.rank.map((own, at) => (b.rank[at] ?? 0) - own).find((difference) => difference !== 0) ?? 0;

const readNames = (text: string, delimiter: string): { names: string[]; isSound: boolean } => {
  const reader = makeRowReader(delimiter, MAX_HEADER);
  reader.add(text, true);
  const { cells, fault, isOpen } = reader.take();
  return { names: cells.map((name) => name.trim()), isSound: fault === null && !isOpen };
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
