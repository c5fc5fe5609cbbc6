import { extname } from 'node:path';
import type { ApiContext } from '../../api-command.ts';
import { UsageError } from '../../command.ts';
import { ExitStatus } from '../../exit-status.ts';
import { type Filters, queryOf } from '../../runs/list-query.ts';
import { exportObject, fetchObject } from './object.ts';
import { exportRows } from './rows.ts';
import type { Wanted } from './wanted.ts';

type ExportOptions = Filters & {
  format?: 'csv' | 'jsonl' | 'parquet' | undefined;
  out?: string | undefined;
  force?: boolean | undefined;
  texts?: boolean | undefined;
  columns?: string[] | undefined;
  limit?: number | undefined;
  resume?: string | undefined;
  id?: string | undefined;
  json?: boolean | undefined;
};

/** Exports runs as rows or as an object. Returns the exit status. */
export const exportRuns = async (options: ExportOptions, context: ApiContext): Promise<number> => {
  const { out, force, texts = false, columns: keys = [], limit, resume, id, json } = options;
  if (resume !== undefined && out !== undefined)
    throw new UsageError('--resume names the file itself: leave out --out');
  const wanted: Wanted = { query: queryOf(options), texts, keys, limit };
  if (id !== undefined) {
    await fetchObject(id, { out, force, json }, context);
    return ExitStatus.ok;
  }
  const format = options.format ?? formatOf(out ?? resume) ?? (json ? 'jsonl' : 'csv');
  if (format === 'parquet') {
    if (resume !== undefined)
      throw new UsageError('--resume goes on with a .csv or .jsonl: a Parquet file is fetched whole');
    await exportObject(wanted, { out, force, json }, context);
  } else await exportRows(wanted, { format, out, force, resume }, context);
  return ExitStatus.ok;
};

/** The format that a name ends in; undefined of a name without an ending. */
const formatOf = (path: string | undefined): 'csv' | 'jsonl' | 'parquet' | undefined => {
  const ending = extname(path ?? '');
  const format = ending.slice(1).toLowerCase();
  if (format === 'csv' || format === 'jsonl' || format === 'parquet') return format;
  if (ending === '') return undefined;
  throw new UsageError(
    `${path}: an export is no ${ending}; name a .csv, .jsonl or .parquet, or give --format`,
  );
};
