import { createReadStream } from 'node:fs';
import { makeRowReader } from '../../../lib/files/formats/csv-row.ts';
import { linePartsOf } from '../../../lib/files/formats/source-text.ts';

/** The end of the whole rows of an export in a file: its bytes, their number, and the cursor that goes on behind them. */
export type RowsEnd = { bytes: number; rows: number; cursor: string | undefined };

/**
 * Reads an export that broke off up to its last whole row. A row that says that the export is not whole is not one of
 * them. Undefined when the file is something else.
 */
export const findEnd = async (
  path: string,
  format: 'csv' | 'jsonl',
  opening: string,
): Promise<RowsEnd | undefined> => {
  // A character of latin1 is a byte, so that a file may end anywhere.
  const chunks = createReadStream(path, { encoding: 'latin1' });
  try {
    return format === 'csv'
      ? await endOfCsv(chunks, Buffer.from(opening).toString('latin1'))
      : await endOfLines(chunks);
  } finally {
    chunks.destroy();
  }
};

const FIRST_KEY = '{"run_id":';
const LAST_CURSOR = /"cursor":"([\w-]+)"\}$/;

const endOfLines = async (chunks: AsyncIterable<string>): Promise<RowsEnd | undefined> => {
  const end: RowsEnd = { bytes: 0, rows: 0, cursor: undefined };
  let line = '';
  let at = 0;
  for await (const chunk of chunks)
    for (const part of linePartsOf(chunk)) {
      line += part.text;
      if (!part.endsLine) continue;
      at += line.length + 1;
      const cursor = LAST_CURSOR.exec(line)?.[1];
      if (!line.startsWith(FIRST_KEY) || cursor === undefined) return undefined;
      end.cursor = cursor;
      if (!line.startsWith('{"run_id":null')) {
        end.rows += 1;
        end.bytes = at;
      }
      line = '';
    }
  return line.startsWith(FIRST_KEY) || FIRST_KEY.startsWith(line) ? end : undefined;
};

const endOfCsv = async (chunks: AsyncIterable<string>, opening: string): Promise<RowsEnd | undefined> => {
  const end: RowsEnd = { bytes: 0, rows: 0, cursor: undefined };
  const reader = makeRowReader(',', Number.POSITIVE_INFINITY);
  const header = opening.trimEnd();
  const columns = header.split(',').length;
  let isHeader = true;
  let begun = '';
  let at = 0;
  for await (const chunk of chunks)
    for (const { text, endsLine } of linePartsOf(chunk)) {
      at += text.length + (endsLine ? 1 : 0);
      if (isHeader) begun += text;
      if (!reader.add(text, endsLine)) continue;
      const { cells } = reader.take();
      if (isHeader) {
        if (cells.join(',') !== header) return undefined;
        isHeader = false;
        end.bytes = at;
        continue;
      }
      if (cells.length !== columns) return undefined;
      end.cursor = cells.at(-1) || end.cursor;
      if (cells[0] === '') continue;
      end.rows += 1;
      end.bytes = at;
    }
  return isHeader && !header.startsWith(begun) ? undefined : end;
};
