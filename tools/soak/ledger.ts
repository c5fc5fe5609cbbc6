/** A run that was offered under an Idempotency-Key, or a prompt file that was put, until somebody has answered. */
export type Offer =
  | { what: 'run'; key: string; body: object }
  | { what: 'file'; key: string; lines: object[] };

/** What the stack has promised, as its clients remember it. */
export type Ledger = {
  /** Ids of runs that an answer named. */
  runs: Set<string>;
  /** Runs whose deletion was answered with 204. */
  deleted: Set<string>;
  /** Runs whose cancelling was answered with 200. */
  cancelled: Set<string>;
  /** Prompt files that were taken, by key: how many lines they have. */
  files: Map<string, number>;
  /** Offers whose answer was lost; they are made again under the same key. */
  unanswered: Map<string, Offer>;
  /** Runs without a key whose answer was lost: they may be there or not. */
  unknown: number;
  /** The id that answered each Idempotency-Key first. */
  byKey: Map<string, string>;
  repeated: number;
  /** Keys that were answered with two ids. */
  twice: string[];
  /** Answers by status, and `lost`. */
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
