import type { ExportRow } from './columns.ts';

/**
 * Turns rows into the bytes of an object. `take` hands out what was made so far, once enough rows are there, or with
 * `all` whatever there is; `end` the rest with all that follows the last row. `state` is what an encoder needs, beside
 * the bytes that were taken, to go on in another process; it holds no rows, so take all of them before.
 */
export type Encoder = {
  contentType: string;
  add(row: ExportRow): void;
  take(options?: { all: boolean }): Uint8Array;
  end(): Uint8Array;
  state(): EncoderState;
};

export type EncoderState = ParquetState | null;

/** The row groups that were written, as JSON with its integers marked, and the length of the file so far. */
export type ParquetState = { rowGroups: string; rows: number; offset: number };
