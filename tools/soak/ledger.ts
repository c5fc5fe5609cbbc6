/** A run that was requested under an Idempotency-Key, or an uploaded prompt file. */
export type Offer =
  | { what: 'run'; key: string; body: object }
  | { what: 'file'; key: string; lines: object[] };

/** The stack's promises, as its clients remember them. */
export type Ledger = {
  /** Ids of runs that an answer named: accepted runs. */
  runs: Set<string>;
  /** Runs whose deletion was answered with 204. */
  deleted: Set<string>;
  /** Runs whose cancellation was answered with 200. */
  cancelled: Set<string>;
  /** The number of lines of each accepted prompt file, by key. */
  files: Map<string, number>;
  /** Offers without an answer yet; those whose answer was lost are repeated under the same key. */
  unanswered: Map<string, Offer>;
  /** Requests without a key whose answer was lost: their runs may exist or not. */
  unknown: number;
  /** The first run id that was answered to each Idempotency-Key. */
  byKey: Map<string, string>;
  /** Runs that were requested twice under one key. */
  repeated: number;
  /** Keys that were answered with two different ids. */
  twice: string[];
  /** Counts of answers by status; `lost` counts requests without one. */
  answers: Map<string, number>;
};

export const emptyLedger = (): Ledger => ({
  runs: new Set(),
  deleted: new Set(),
  cancelled: new Set(),
  files: new Map(),
  unanswered: new Map(),
  unknown: 0,
  byKey: new Map(),
  repeated: 0,
  twice: [],
  answers: new Map(),
});

export const countAnswer = ({ answers }: Ledger, status: string): void => {
  answers.set(status, (answers.get(status) ?? 0) + 1);
};

export const acceptRun = (ledger: Ledger, id: string, key: string | undefined): void => {
  ledger.runs.add(id);
  if (key === undefined) return;
  ledger.unanswered.delete(key);
  const first = ledger.byKey.get(key);
  if (first === undefined) ledger.byKey.set(key, id);
  else if (first !== id) ledger.twice.push(key);
};
