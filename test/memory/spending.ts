import { NOTHING, plus, type Spent } from '../../lib/budget/amount.ts';
import type {
  Account,
  BudgetStore,
  DailyBudget,
  SpendStore,
  SpentFor,
  Sums,
} from '../../lib/budget/ports.ts';
import { copyOf } from './copy.ts';

const nameOf = (account: Account): string =>
  'fileId' in account ? `file ${account.fileId}` : `${account.caller} ${account.day}`;

/** Budgets and sums in maps; a write is atomic. */
export const makeMemorySpending = () => {
  const daily = new Map<string, DailyBudget>();
  const sums = new Map<string, Sums>();
  const add = (account: Account, amount: Spent, spentFor: SpentFor = 'runs') => {
    const { requests, ...all } = sums.get(nameOf(account)) ?? (NOTHING as Sums);
    const ofRequests = spentFor === 'requests' ? plus(requests ?? NOTHING, amount) : requests;
    sums.set(nameOf(account), { ...plus(all, amount), ...(ofRequests && { requests: ofRequests }) });
  };
  const budgets: BudgetStore = {
    get: async (caller) => daily.get(caller),
    set: async (caller, budget) => {
      if (budget) daily.set(caller, budget);
      else daily.delete(caller);
    },
  };
  const spend: SpendStore = {
    reserve: async (account, amount, limits, spentFor) => {
      const sum = sums.get(nameOf(account)) ?? { tokens: 0, nanoUsd: 0 };
      if (limits.tokens !== null && sum.tokens + amount.tokens > limits.tokens) return false;
      if (limits.nanoUsd !== null && sum.nanoUsd + amount.nanoUsd > limits.nanoUsd) return false;
      add(account, amount, spentFor);
      return true;
    },
    adjust: async (account, difference, spentFor) => add(account, difference, spentFor),
    get: async (account) => copyOf(sums.get(nameOf(account))),
    replace: async (account, replacement, read) => {
      const sum = sums.get(nameOf(account));
      if (sum?.tokens !== read?.tokens || sum?.nanoUsd !== read?.nanoUsd) return false;
      sums.set(nameOf(account), copyOf(replacement));
      return true;
    },
    remove: async (account) => {
      sums.delete(nameOf(account));
    },
  };
  return { budgets, spend };
};
