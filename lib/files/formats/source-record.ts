import type { ResponseBlock } from '../../runs/request-schema.ts';
import type { Addition } from '../../runs/template.ts';
import type { BatchEndpoint } from './batch-line.ts';
import type { RecordError } from './faults.ts';

/** One record of a prompt file as it is in the file; the defaults are not merged into it yet. */
export type SourceRecord = {
  /**
   * Counts from 1. For `.jsonl` and `.csv` it is the line of the file where the record begins: blank lines, a defaults
   * line and a header are not records but count. For `.json` it is the position in the array, for `.txt` and `.md` 1.
   */
  line: number;
  /** Byte offset in the source right after the record, from which reading can resume (`.jsonl` and `.csv`). */
  end: number;
  /** The number of the line that begins at `end`, also counted from 1. */
  nextLine: number;
  /**
   * The JSON value; for a table an object of column -> cell text, for text `{prompt}` with the front
   * matter's other fields as `variables`; null if there is an error.
   */
  body: unknown;
  /** The custom_id of an OpenAI Batch line, even if the line is invalid otherwise. */
  customId?: string;
  error?: RecordError;
};

/** Defaults for all records, from the file, its sidecar or a front matter. `request` holds the run fields as given. */
export type FileDefaults = {
  request: Record<string, unknown>;
  max_cost_usd?: number;
  rerun?: boolean;
  dry_run?: boolean;
  /** Answers by the model server's batches: later, without timings, at half the price. */
  mode?: 'batch';
};

/** Facts of a file that are known before its first record; plain JSON, so that a checkpoint can store it. */
export type SourceHead = {
  kind: 'requests' | 'batch' | 'csv' | 'text';
  /** The endpoint of a batch that POST /v1/batches created; absent for any other file. */
  endpoint?: BatchEndpoint;
  /** The sidecar's and the file's own defaults, merged; the file's own value wins. */
  defaults: FileDefaults | null;
  /** A table's columns in order; null for other kinds. */
  columns: string[] | null;
  /** The delimiter of a table's cells: `,` `;` tab or `|`; null for one column and for other kinds. */
  delimiter: string | null;
  /** The line break of a table whose rows do not end in LF or CRLF. */
  lineBreak?: '\r';
  /** Whether the file begins with a byte order mark. */
  bom: boolean;
};

/** The position from which reading resumes: a record's `end`, the line that begins there, and the records before it. */
export type ReadFrom = { byte: number; line: number; records: number };

/** A record as a run request for `parseRunRequest`, or refused: `body` is null if there is an error. */
export type LineRequest = {
  line: number;
  body: Record<string, unknown> | null;
  /** The part that the record adds to its file's defaults; `body` is made of both. */
  addition?: Addition;
  error?: RecordError;
  customId?: string;
  /** Of a line that asks for a response: the settings that its answer tells back. */
  response?: ResponseBlock;
  /** Maps a path of `body` to the path in the line, where the two differ. */
  pathOf?: (path: string) => string;
  /** A table's row unchanged, column -> cell text, or a text file's other fields; also of a refused row, unless its cells do not fit the header. */
  columns?: Record<string, string>;
};
