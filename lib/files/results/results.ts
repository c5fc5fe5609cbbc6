import type { InputIssue } from '../../errors.ts';
import type { RunView } from '../../runs/view.ts';
import type { PromptFile } from '../prompt-file.ts';

/** One line of a results file, for one line of its input; `valid` is a dry run's line that would be generated. */
export type ResultLine = {
  line: number;
  run_id: string | null;
  status: 'completed' | 'failed' | 'valid';
  run: Omit<RunView, 'diversity'> | null;
  error: LineError | null;
  /** A dry run's upper bounds; the cost is null where a price is not known. */
  estimate?: { tokens: number; cost_usd: number | null };
  /** A table's row as it stood. */
  columns?: Record<string, string>;
};

export type LineError = { code: string; message: string; errors?: InputIssue[] };

/** What assembling knows of a line beside its result. */
export type AssembledLine = {
  result: ResultLine;
  customId: string | null;
  /** Why it has no run of this file: not a request, not begun before the stop, or one of an earlier file. */
  kind: 'refused' | 'skipped' | 'reused' | 'own' | 'dry';
};

export const SUFFIXES = ['.jsonl', '.csv', '.txt', '.summary.json'] as const;
export type Suffix = (typeof SUFFIXES)[number];

const CONTENT_TYPES: Record<Suffix, string> = {
  '.jsonl': 'application/x-ndjson',
  '.csv': 'text/csv; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.summary.json': 'application/json',
};
export const contentTypeOf = (suffix: Suffix): string => CONTENT_TYPES[suffix];

/** S3 takes keys of 1,024 bytes; the longest suffix and the id have to fit. */
const MAX_KEY_BYTES = 900;
export const isLongKey = (key: string): boolean => Buffer.byteLength(key) > MAX_KEY_BYTES;

/** A file's own results; those of a key that is too long for that are found by the file's id alone. */
export const resultKey = ({ key, id }: Pick<PromptFile, 'key' | 'id'>, suffix: string): string =>
  isLongKey(key) ? `results/${id}${suffix}` : `results/${key}.${id}${suffix}`;

/** How one of a file's results objects is written: what stands first, and what each line becomes. */
export type ResultShape = {
  suffix: Exclude<Suffix, '.summary.json'>;
  opening: string;
  render: (line: AssembledLine) => string;
};
