import { createHash } from 'node:crypto';
import { isObject } from '../../../lib/json/value.ts';
import { FILE_ENDED } from '../read-state.ts';
import { parsed } from './check-answer.ts';
import type { FuzzFile } from './draw-file.ts';

export type StoredFile = {
  id: string;
  key: string;
  etag: string;
  status: string;
  lines: number;
  error?: { code: string } | null;
};

/** The stored state once all work has ended. */
export type StoredFiles = {
  files: StoredFile[];
  /** The keys of all objects. */
  keys: ReadonlySet<string>;
  text(key: string): Promise<string>;
};

export type FileReport = {
  dropped: number;
  /** Uploaded objects that are not prompt files and were ignored. */
  ignored: number;
  /** Counts of file items by their end: the status, followed by the code of a failure. */
  ends: Map<string, number>;
  /** Counts of uploaded files by their fault. */
  faults: Map<string, number>;
  /** Lines in all results, and the ids of their runs; a refused line has no run. */
  lines: number;
  runs: Set<string>;
  broken: string[];
};

const etagOf = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

/** Checks that each prompt file ended exactly once with results and a summary, and that other objects were ignored. */
export const checkFiles = async (dropped: readonly FuzzFile[], stored: StoredFiles): Promise<FileReport> => {
  const report: FileReport = {
    ...{ dropped: dropped.length, ignored: 0, ends: new Map(), faults: new Map() },
    ...{ lines: 0, runs: new Set(), broken: [] },
  };
  const byContent = Map.groupBy(stored.files, ({ key, etag }) => `${key} ${etag}`);
  const newest = new Map(dropped.map((file) => [file.key, file]));
  const seen = new Set<string>();
  for (const file of dropped) {
    add(report.faults, file.fault);
    const complain = (what: string) =>
      report.broken.push(`file ${file.number} (${file.fault}, ${file.key}): ${what}`);
    const content = `${file.key} ${etagOf(file.bytes)}`;
    const items = byContent.get(content) ?? [];
    if (!file.isServed) {
      report.ignored += 1;
      if (items.length > 0) complain('was taken for a prompt file');
      if ([...stored.keys].some((key) => key.startsWith(`results/${file.key}.`))) complain('has results');
      continue;
    }
    const [item] = items;
    if (!item || items.length > 1) complain(`is ${items.length} files`);
    if (!item || seen.has(content)) continue;
    seen.add(content);
    add(report.ends, item.error ? `${item.status} ${item.error.code}` : item.status);
    if (!FILE_ENDED.includes(item.status)) complain(`is ${item.status}`);
    for (const what of await checkResults(item, newest.get(file.key) === file, stored, report))
      complain(what);
  }
  return report;
};

const add = (counts: Map<string, number>, what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

const checkResults = async (
  { id, key, status, lines, error }: StoredFile,
  isNewest: boolean,
  { keys, text }: StoredFiles,
  report: FileReport,
): Promise<string[]> => {
  const own = `results/${key}.${id}`;
  const missing = ['.jsonl', '.summary.json'].filter((suffix) => !keys.has(own + suffix));
  if (missing.length > 0) return [`${id} has no ${missing.join(' and no ')}`];
  const results = await text(`${own}.jsonl`);
  const found: string[] = [];
  const rows = results
    .split('\n')
    .filter((row) => row !== '')
    .map(parsed);
  if (!rows.every(isObject)) found.push('a line of its results is not JSON');
  if (!isObject(parsed(await text(`${own}.summary.json`)))) found.push('its summary is not JSON');
  const expected = status === 'failed' || status === 'cancelled' ? 1 : lines;
  if (rows.length !== expected) found.push(`${rows.length} results for ${expected} lines`);
  if (status === 'failed' && !error?.code) found.push('failed without a code');
  report.lines += rows.length;
  for (const row of rows) {
    const run = isObject(row) ? row.run_id : undefined;
    if (typeof run === 'string') report.runs.add(run);
  }
  if (isNewest && keys.has(`results/${key}.jsonl`) && (await text(`results/${key}.jsonl`)) !== results)
    found.push("the key's results are another file's");
  if (!keys.has(`results/${key}.jsonl`)) found.push('its key has no results');
  return found;
};
