import type { Spent } from './amount.ts';

/** The daily limits of a caller, from midnight to midnight UTC; null: no limit. */
export type DailyBudget = { tokens: number | null; costUsd: number | null };

/** Upper limits of an account's sums; null: no limit. */
export type Limits = { tokens: number | null; nanoUsd: number | null };

/** An account that usage is summed under: a caller's UTC day, or a prompt file. */
export type Account = { caller: string; day: string } | { fileId: string };

/** The port of usage sums by account. Each method that writes makes a single write. */
export type SpendStore = {
  /** Adds to an account's sums unless a limit would be exceeded; resolves to whether it did. */
  reserve(account: Account, amount: Spent, limits: Limits): Promise<boolean>;
  /** Adds a difference, which may be negative. Throws on failure and never retries: the write may have been applied. */
  adjust(account: Account, difference: Spent): Promise<void>;
  get(account: Account): Promise<Spent | undefined>;
  /** Replaces an account's sums if they still equal `read` (`undefined`: absent); resolves to whether it did. */
  replace(account: Account, sums: Spent, read: Spent | undefined): Promise<boolean>;
  /** Deletes the sums of a file. */
  remove(account: { fileId: string }): Promise<void>;
};

export type BudgetStore = {
  get(caller: string): Promise<DailyBudget | undefined>;
  /** `undefined` removes the caller's budget. */
  set(caller: string, budget: DailyBudget | undefined): Promise<void>;
};
