import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { type Column, type ColumnKind, columnsWith, type ExportRow } from './columns.ts';
import type { Encoder, ParquetState } from './encoder.ts';

/** The most rows of a row group, which are held until it is written. */
const GROUP_ROWS = 10_000;
/** A row without its texts. */
const ROW_CHARS = 1_000;

const CONTENT_TYPE = 'application/vnd.apache.parquet';
const NOTHING = new Uint8Array();

/**
 * Encodes rows as Parquet, a row group at a time: columns of one file are stored one behind the other in each group, and
 * the end of the file says where. JSON is text; texts, JSON and instants are annotated as such.
 * https://parquet.apache.org/docs/file-format/
 */
export const makeParquetEncoder = (
  metadataKeys: readonly string[],
  partBytes: number,
  from: ParquetState | undefined,
): Encoder => {
  const columns = columnsWith(metadataKeys);
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    statistics: false,
    createdBy: 'everytoken',
  });
  if (from) {
    // The writer has begun a new file; go on with the one that was begun before.
    bytes.index = 0;
    bytes.offset = from.offset;
    writer.row_groups = withIntegers(from.rowGroups) as typeof writer.row_groups;
    writer.num_rows = BigInt(from.rows);
  }
  let rows: unknown[][] = [];
  let chars = 0;

  const writeGroup = (): void => {
    if (rows.length === 0) return;
    const group = rows;
    void writer.write({
      columnData: columns.map(({ name }, at) => ({
        name,
        data: group.map((row) => row[at]),
        offsetIndex: false,
      })),
      rowGroupSize: group.length,
    });
    rows = [];
    chars = 0;
  };
  const taken = (): Uint8Array => {
    const written = Buffer.from(bytes.getBytes());
    bytes.index = 0;
    return written;
  };
  return {
    contentType: CONTENT_TYPE,
    add: (row: ExportRow) => {
      rows.push(columns.map((column) => cellOf(column, row)));
      chars += ROW_CHARS + (row.text?.length ?? 0) + (row.prompt?.length ?? 0);
    },
    take: ({ all } = { all: false }) => {
      if (!all && rows.length < GROUP_ROWS && chars < partBytes) return NOTHING;
      writeGroup();
      return taken();
    },
    end: () => {
      writeGroup();
      void writer.finish();
      return taken();
    },
    state: () => ({
      rowGroups: markIntegers(writer.row_groups),
      rows: Number(writer.num_rows),
      offset: bytes.offset,
    }),
  };
};

const ELEMENTS: Record<ColumnKind, Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
};

const schemaOf = (columns: readonly Column[]): SchemaElement[] => [
  { name: 'root', num_children: columns.length },
  ...columns.map(
    ({ name, kind }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...ELEMENTS[kind] }),
  ),
];

const cellOf = ({ kind, read }: Column, row: ExportRow): unknown => {
  const value = read(row) ?? null;
  if (value === null) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'integer') return BigInt(value as number);
  if (kind === 'instant') return new Date(value as string);
  return value;
};

const INTEGER = '$integer';

const markIntegers = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? { [INTEGER]: String(field) } : field,
  );

const withIntegers = (json: string): unknown =>
  JSON.parse(json, (_, field: unknown) =>
    typeof field === 'object' && field !== null && INTEGER in field ? BigInt(String(field[INTEGER])) : field,
  );
