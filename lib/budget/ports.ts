import type { Spent } from './amount.ts';

/** What a caller may use from midnight to midnight, UTC; null: as much as it likes. */
export type DailyBudget = { tokens: number | null; costUsd: number | null };

/** The most that an account's sums may reach; null: no limit. */
export type Limits = { tokens: number | null; nanoUsd: number | null };

/** Whose sums are meant: those of a caller on a day, or those of a prompt file. */
export type Account = { caller: string; day: string } | { fileId: string };

/** Sums by account, each write a single conditional one. */
export type SpendStore = {
  /** Adds to an account's sums; false, and nothing is added, where a limit would be passed. */
  reserve(account: Account, amount: Spent, limits: Limits): Promise<boolean>;
  /** Adds what may be negative. It is never tried twice, since it could have been applied: it throws instead. */
  adjust(account: Account, difference: Spent): Promise<void>;
  get(account: Account): Promise<Spent | undefined>;
  /** Replaces an account's sums if they still are what was read; false otherwise. */
  replace(account: Account, sums: Spent, read: Spent | undefined): Promise<boolean>;
};

export type BudgetStore = {
  get(caller: string): Promise<DailyBudget | undefined>;
  /** `undefined` takes the caller's budget away. */
  set(caller: string, budget: DailyBudget | undefined): Promise<void>;
};
