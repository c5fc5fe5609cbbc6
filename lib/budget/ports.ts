import type { Spent } from './amount.ts';

/** The daily limits of a caller, from midnight to midnight UTC; null: no limit. */
export type DailyBudget = { tokens: number | null; costUsd: number | null };

/** Upper limits of an account's sums; null: no limit. */
export type Limits = { tokens: number | null; nanoUsd: number | null };

/** An account that usage is summed under: a caller's UTC day, or a prompt file. */
export type Account = { caller: string; day: string } | { fileId: string };

/** The usage of runs, or of requests that are no runs, such as searches. */
export type SpentFor = 'runs' | 'requests';

/** An account's sums. `requests`, absent for none, is the part of them that belongs to no run. */
export type Sums = Spent & { requests?: Spent };

/** The port of usage sums by account. Each method that writes makes a single write; it counts for runs by default. */
export type SpendStore = {
  /** Adds to an account's sums unless a limit would be exceeded; resolves to whether it did. */
  reserve(account: Account, amount: Spent, limits: Limits, spentFor?: SpentFor): Promise<boolean>;
  /** Adds a difference, which may be negative. Throws on failure and never retries: the write may have been applied. */
  adjust(account: Account, difference: Spent, spentFor?: SpentFor): Promise<void>;
  get(account: Account): Promise<Sums | undefined>;
  /** Replaces an account's sums if they still equal `read` (`undefined`: absent); resolves to whether it did. */
  replace(account: Account, sums: Sums, read: Spent | undefined): Promise<boolean>;
  /** Deletes the sums of a file. */
  remove(account: { fileId: string }): Promise<void>;
};

export type BudgetStore = {
  get(caller: string): Promise<DailyBudget | undefined>;
  /** `undefined` removes the caller's budget. */
  set(caller: string, budget: DailyBudget | undefined): Promise<void>;
};
