import { basename, dirname, join, resolve } from 'node:path';
import type { ResultFormat } from '../../../../client/index.ts';
import { formatOfKey } from '../../../../lib/files/formats/format-of-key.ts';
import { isObject } from '../../../../lib/json/value.ts';
import type { ApiContext } from '../../../api-command.ts';
import { UsageError } from '../../../command.ts';
import { requireReplaceable as requireFree } from '../../../replaceable.ts';

/** Where results are written, and which ones. */
export type Place = { path: string; format: Extract<ResultFormat, 'csv' | 'jsonl' | 'txt'> };

/**
 * The place of a file's results: next to the original (`products.results.csv`), or `out`, whose extension may ask for
 * JSON Lines in place of a table or a text.
 *
 * @throws {UsageError} when there are no results of that kind
 */
export const placeOf = (path: string, out: string | undefined): Place => {
  const format = formatOfKey(path);
  const own = format === 'csv' ? 'csv' : format === 'text' ? 'txt' : 'jsonl';
  if (out === undefined) {
    const name = basename(path);
    return {
      path: join(dirname(path), `${name.slice(0, name.lastIndexOf('.'))}.results.${own}`),
      format: own,
    };
  }
  if (resolve(out) === resolve(path))
    throw new UsageError(`--out: ${out} is the file of prompts itself; name another file`);
  const wanted = /\.([a-z]+)$/i.exec(out)?.[1]?.toLowerCase();
  if (wanted === 'csv' && own !== 'csv')
    throw new UsageError(`--out: only a .csv has a table as its result; name a file that ends in .${own}`);
  return { path: out, format: wanted === 'jsonl' ? 'jsonl' : own };
};

/**
 * Makes sure that the place is free, or has earlier results, which are replaced. They are known by their form: the
 * columns that everytoken adds to a table, the fields of a line. Any other file is replaced with `force`, or when the
 * person says so.
 *
 * @throws {CommandError} when it may not be replaced
 */
export const requireReplaceable = async (
  { path, format }: Place,
  { force, signal }: { force?: boolean | undefined } & Pick<ApiContext, 'signal'>,
): Promise<void> => {
  await requireFree(path, {
    named: '--out',
    isOwn: isResults,
    bytes: MAX_HEAD,
    // A text does not tell where it is from.
    unlike: format === 'txt' ? '' : ', and does not look like results of everytoken',
    force,
    signal,
  });
};

const MAX_HEAD = 128 * 1024;

/** The last columns of a table of results, whatever separates them. */
const ADDED =
  /(text)(.)(?:result_)*status\2.*\2(?:result_)*run_id\2(?:result_)*error(?:\2(?:result_)*finish_reason)?$/s;

const isResults = (text: string): boolean => {
  const [header = ''] = text.split(/\r\n/, 1);
  return text.trim() === '' || ADDED.test(header) || isResultLine(text.split('\n', 1)[0] ?? '');
};

/** A long line is cut, so it is known by how it begins. */
const isResultLine = (line: string): boolean => {
  if (/^\{"line":\d+,"run_id":(null|"run_)/.test(line) || /^\{"id":"batch_req_/.test(line)) return true;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && 'line' in value && 'run_id' in value && 'status' in value;
  } catch {
    return false;
  }
};
