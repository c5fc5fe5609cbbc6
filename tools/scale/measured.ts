import file from './measured.json' with { type: 'json' };

/** What one thing causes, by name: units, requests, bytes and ms. */
export type Counts = Readonly<Record<string, number>>;

/** Ways to have a run made. `line` is one of a prompt file. */
export const WAYS = ['whole', 'stream', 'background', 'line'] as const;
export type Way = (typeof WAYS)[number];

/** Averages of a run by its way; `alone` is `whole` with an embed batch of one, `budgeted` of a caller with a budget. */
export type Measured = Record<Way | 'alone' | 'budgeted' | 'unindexed' | 'sweep', Counts> & {
  command: string;
  date: string;
  node: string;
  runs: number;
  lines: number;
};

export const MEASURED: Measured = file;
