import { CONTENT_TYPES } from '../files/formats/format-of-key.ts';
import { csvRow } from '../files/results/csv-cells.ts';
import { own } from '../json/value.ts';
import { type Column, columnsWith, type ExportRow } from './columns.ts';
import type { StreamFormat } from './query.ts';

/** The last row of an export that is not whole: why, and the cursor that goes on; null starts at the beginning. */
type EndMarker = { code: string; message: string; cursor: string | null };

/** A format of rows as text. */
export type RowFormat = {
  contentType: string;
  opening: string;
  render(row: ExportRow): string;
  /** A row without a run_id, which only an export has that ends before its last row. */
  renderEnd(marker: EndMarker): string;
};

/** The format of an export with columns of these metadata keys. */
export const rowFormatOf = (format: StreamFormat, metadataKeys: readonly string[]): RowFormat => {
  const columns = columnsWith(metadataKeys);
  const lines = (cellOf: (column: Column) => unknown) =>
    format === 'csv' ? csvLine(columns, cellOf) : jsonLine(columns, cellOf);
  return {
    contentType: CONTENT_TYPES[format],
    opening:
      format === 'csv'
        ? csvRow(
            columns.map(({ name }) => name),
            ',',
          )
        : '',
    render: (row) => lines(({ read }) => read(row)),
    renderEnd: ({ code, message, cursor }) => {
      const values = new Map<string, unknown>([
        ['error_code', code],
        ['error_message', message],
        ['cursor', cursor],
      ]);
      return lines(({ name }) => values.get(name));
    },
  };
};

/**
 * The rows of an export in CSV, of rows as the API has them in JSON: the same bytes as those of the API. Its columns are
 * those of this version.
 */
export const csvOf = (metadataKeys: readonly string[]) => {
  const columns = columnsWith(metadataKeys);
  return {
    opening: rowFormatOf('csv', metadataKeys).opening,
    render: (row: { readonly [name: string]: unknown }): string =>
      csvLine(columns, ({ name }) => own(row, name)),
  };
};

const jsonLine = (columns: readonly Column[], cellOf: (column: Column) => unknown): string =>
  `${JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, cellOf(column) ?? null])))}\n`;

const csvLine = (columns: readonly Column[], cellOf: (column: Column) => unknown): string =>
  csvRow(
    columns.map((column) => csvCell(column, cellOf(column) ?? null)),
    ',',
  );

const csvCell = ({ kind }: Column, value: unknown): string | number | null => {
  if (value === null) return null;
  if (kind === 'json') return jsonCell(value);
  return typeof value === 'number' ? value : String(value);
};

/** JSON's strings, with the escapes in them. */
const JSON_STRING = /"(?:[^"\\]|\\.)*"/gs;
/** The characters by which a spreadsheet takes a text for a formula. */
const SIGNS = /[=+\-@＝＋－＠﹦﹢﹣﹫]/g;

/**
 * JSON for a cell. The signs of formulas within its strings are escaped as JSON allows, so that the cell need not be
 * defused, which would add an apostrophe to it, and is read back as the same JSON.
 */
const jsonCell = (value: unknown): string =>
  JSON.stringify(value).replace(JSON_STRING, (text) =>
    text.replace(SIGNS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
