import { type CsvRow, isBlankRow, makeRowReader } from './csv-row.ts';
import { recordError } from './faults.ts';
import { MAX_RECORD_BYTES } from './format-of-key.ts';
import type { ReadFrom, SourceHead, SourceRecord } from './source-record.ts';
import { linePartsOf } from './source-text.ts';

type Table = Pick<SourceHead, 'columns' | 'delimiter' | 'lineBreak'>;

/**
 * Yields the rows of a table, from a position at which a row begins. Rows whose cells are all empty are skipped. A row
 * may lack its last cells, which are then empty, and may end in further empty cells.
 */
export async function* csvRecords(
  source: AsyncIterable<string>,
  from: ReadFrom,
  { columns, delimiter, lineBreak }: Table,
): AsyncGenerator<SourceRecord> {
  const reader = makeRowReader(delimiter, MAX_RECORD_BYTES);
  let { line, byte: end } = from;
  let nextLine = line;
  let bytes = 0;
  const read = (): SourceRecord | null => {
    const row = reader.take();
    const isTooLong = bytes > MAX_RECORD_BYTES;
    return isTooLong || !isBlankRow(row)
      ? { line, end, nextLine, ...contentOf(row, { columns: columns ?? [], line, isTooLong }) }
      : null;
  };
  for await (const stretch of source) {
    for (const part of linePartsOf(stretch, lineBreak)) {
      end += part.bytes;
      bytes += part.bytes;
      if (part.endsLine) nextLine += 1;
      if (!reader.add(part.text, part.endsLine)) continue;
      // The line break that ends a row does not count towards its size.
      bytes -= 1;
      const record = read();
      if (record) yield record;
      line = nextLine;
      bytes = 0;
    }
  }
  const record = bytes > 0 ? read() : null;
  if (record) yield record;
}

const contentOf = (
  { cells, fault, isOpen }: CsvRow,
  { columns, line, isTooLong }: { columns: string[]; line: number; isTooLong: boolean },
): Pick<SourceRecord, 'body' | 'error'> => {
  const refused = (message: string, code = 'invalid_row') => ({
    body: null,
    error: recordError([{ path: '', message: `line ${line}: ${message}` }], code),
  });
  if (isOpen)
    return refused(
      'a quote in this row is never closed, so all text after it was read as one cell; close it',
    );
  if (isTooLong)
    return refused(`the row is over ${MAX_RECORD_BYTES} bytes; make it shorter`, 'line_too_long');
  if (fault !== null) return refused(fault);
  if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
    return refused(
      `the row has ${cells.length} cells, the header ${columns.length}; put quotes around a cell that contains the delimiter`,
    );
  }
  return { body: Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])) };
};
