import { dropAbsent } from '../json/value.ts';
import { readRunFilters } from '../runs/list/query.ts';
import type { ListQuery } from '../runs/ports.ts';
import { type QueryParameters, readQueryParameters } from '../runs/query-parameters.ts';

/** The formats of a stream. */
export const STREAM_FORMATS = ['jsonl', 'csv'] as const;
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** An export of a caller's runs. Filters choose runs; every generation of a chosen run has a row. */
export type ExportQuery = Omit<ListQuery, 'limit' | 'sort' | 'includesDeleted'> & {
  /** The most rows; left out: all. */
  limit?: number;
  /** Whether prompts and texts are whole; else they are previews of 120 characters. */
  texts: boolean;
  /** Metadata keys that have a column of their own. */
  metadataColumns: string[];
};

const MOST_ROWS = 999_999_999;
const MOST_METADATA_COLUMNS = 16;

/** The parameters of an export beside the filters and bounds that GET /runs takes. */
export const readExportParameters = (read: QueryParameters, caller: string): ExportQuery => {
  const found = {
    ...readRunFilters(read),
    limit: read.int('limit', 1, MOST_ROWS),
    cursor: read.text('cursor', 2_000),
  };
  const texts = read.oneOf('texts', ['true', 'false']) === 'true';
  const metadataColumns = keysOf(read);
  return { ...dropAbsent({ caller, ...found }), texts, metadataColumns };
};

/**
 * Parses the parameters of GET /runs with `format`. The cursor is read with the first page.
 *
 * @throws {InvalidInputError} listing every wrong or unknown parameter.
 */
export const parseExportQuery = (
  parameters: Iterable<[string, string]>,
  caller: string,
): { format: StreamFormat; query: ExportQuery } => {
  const read = readQueryParameters(parameters);
  const format = read.oneOf('format', STREAM_FORMATS) ?? 'jsonl';
  const query = readExportParameters(read, caller);
  if (read.text('sort', 100) !== undefined)
    read.refuse({
      path: 'sort',
      message: 'does not go with format: an export is newest first; leave one out',
    });
  read.finish();
  return { format, query };
};

const keysOf = (read: QueryParameters): string[] => {
  const keys = (read.text('metadata_columns', 2_000) ?? '').split(',').filter((key) => key !== '');
  const unique = [...new Set(keys)];
  if (unique.length > MOST_METADATA_COLUMNS || unique.some((key) => key.length > 64))
    read.refuse({
      path: 'metadata_columns',
      message: `must be at most ${MOST_METADATA_COLUMNS} keys of up to 64 characters, with commas between them`,
    });
  return unique;
};
