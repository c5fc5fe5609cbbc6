import type { Spent } from '../../lib/budget/amount.ts';
import type { Account, BudgetStore, DailyBudget, SpendStore } from '../../lib/budget/ports.ts';

const nameOf = (account: Account): string =>
  'fileId' in account ? `file ${account.fileId}` : `${account.caller} ${account.day}`;

/** Budgets and sums in maps; a write is atomic. */
export const makeMemorySpending = () => {
  const daily = new Map<string, DailyBudget>();
  const sums = new Map<string, Spent>();
  const add = (account: Account, { tokens, nanoUsd }: Spent) => {
    const sum = sums.get(nameOf(account)) ?? { tokens: 0, nanoUsd: 0 };
    sums.set(nameOf(account), { tokens: sum.tokens + tokens, nanoUsd: sum.nanoUsd + nanoUsd });
  };
  const budgets: BudgetStore = {
    get: async (caller) => daily.get(caller),
    set: async (caller, budget) => {
      if (budget) daily.set(caller, budget);
      else daily.delete(caller);
    },
  };
  const spend: SpendStore = {
    reserve: async (account, amount, limits) => {
      const sum = sums.get(nameOf(account)) ?? { tokens: 0, nanoUsd: 0 };
      if (limits.tokens !== null && sum.tokens + amount.tokens > limits.tokens) return false;
      if (limits.nanoUsd !== null && sum.nanoUsd + amount.nanoUsd > limits.nanoUsd) return false;
      add(account, amount);
      return true;
    },
    adjust: async (account, difference) => add(account, difference),
    get: async (account) => structuredClone(sums.get(nameOf(account))),
    replace: async (account, { tokens, nanoUsd }, read) => {
      const sum = sums.get(nameOf(account));
      if (sum?.tokens !== read?.tokens || sum?.nanoUsd !== read?.nanoUsd) return false;
      sums.set(nameOf(account), { tokens, nanoUsd });
      return true;
    },
    remove: async (account) => {
      sums.delete(nameOf(account));
    },
  };
  return { budgets, spend };
};
