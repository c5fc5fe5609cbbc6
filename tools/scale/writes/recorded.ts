import type { Way } from '../measured.ts';
import before from './before.json' with { type: 'json' };
import now from './now.json' with { type: 'json' };

/** The write units that one request takes from one partition, as a template such as `RUN#{run}`. */
export type Taken = { space: string; partition: string; units: number };

/** A write request of a run, with what it takes from the table and from its indexes. */
export type RecordedWrite = {
  /** Time since the run's first write, in ms; the median of the runs. */
  atMs: number;
  /** How many such requests a run makes: 1 as a rule, less when only some runs make it. */
  perRun: number;
  takes: Taken[];
};

/** The writes of a run by its way, recorded on the local stack. */
export type Recording = Record<Way, RecordedWrite[]> & {
  command: string;
  date: string;
  /** Runs of each way but `line`, and lines of the file. */
  runs: number;
  lines: number;
  /** The number of shards of a partition template that has some, as `space partition`. */
  shards: Record<string, number>;
};

/** `before`: the table that had the index `list` for runs, and moved a run's entry in the index `due` at each step. */
export const RECORDINGS: Record<'before' | 'now', Recording> = { before, now };
