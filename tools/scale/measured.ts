import file from './measured.json' with { type: 'json' };

/** The amounts that one run, line or sweep uses, by name: units, requests, bytes and ms. */
export type Counts = Readonly<Record<string, number>>;

/** The ways to make a run: answered whole, streamed, in the background, or as a line of a prompt file. */
export const WAYS = ['whole', 'stream', 'background', 'line'] as const;
export type Way = (typeof WAYS)[number];

/**
 * Averages per run by its way, and per sweep. `whole` is also measured as `alone` (embed batches of one), `budgeted`
 * (the caller has a budget) and `unindexed` (`index: false`).
 */
export type Measured = Record<Way | 'alone' | 'budgeted' | 'unindexed' | 'sweep', Counts> & {
  command: string;
  date: string;
  node: string;
  runs: number;
  lines: number;
};

export const MEASURED: Measured = file;
