import type { RecordError } from './faults.ts';

/** One record of a prompt file as it stands there; what the file says for all its records is not yet merged into it. */
export type SourceRecord = {
  /**
   * 1-based, as a person counts: for `.jsonl` and `.csv` the line of the file where the record begins (blank lines
   * are skipped but counted; a defaults line and a header are no records), for `.json` the position in the array,
   * for `.txt` and `.md` 1.
   */
  line: number;
  /** Byte offset in the source right after the record, where reading may go on (`.jsonl` and `.csv`). */
  end: number;
  /** The number of the line that begins at `end`. */
  nextLine: number;
  /** The JSON value; for a table an object of column -> cell text, for text `{prompt}`; null when there is an error. */
  body: unknown;
  /** Of an OpenAI Batch line, also of one that is wrong in something else. */
  customId?: string;
  error?: RecordError;
};

/** What a file, its sidecar or a front matter says for all records. `request` holds run fields as given. */
export type FileDefaults = {
  request: Record<string, unknown>;
  max_cost_usd?: number;
  rerun?: boolean;
  dry_run?: boolean;
  /** By the model server's batches: later, without timings, at half the price. */
  mode?: 'batch';
};

/** What is known of a file before its first record; plain JSON, so that a checkpoint can carry it. */
export type SourceHead = {
  kind: 'requests' | 'batch' | 'csv' | 'text';
  /** The sidecar's and the file's own; where both name a field, the file's own value stands. */
  defaults: FileDefaults | null;
  /** A table's columns in order; null for other kinds. */
  columns: string[] | null;
  /** What stands between a table's cells: `,` `;` tab or `|`. */
  delimiter: string | null;
  /** The file begins with a byte order mark. */
  bom: boolean;
};

/** Where reading goes on: a record's `end`, the line that begins there, and how many records came before. */
export type ReadFrom = { byte: number; line: number; records: number };

/** A record made into a run request, or refused; `body` is what `parseRunRequest` takes, null when there is an error. */
export type LineRequest = {
  line: number;
  body: Record<string, unknown> | null;
  error?: RecordError;
  customId?: string;
  /** A table's row as it stands, column -> cell text, also of a row that is refused (unless its cells do not fit). */
  columns?: Record<string, string>;
};
