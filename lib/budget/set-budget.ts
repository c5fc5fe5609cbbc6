import type { Clock } from '../async/clock.ts';
import { InvalidInputError } from '../errors.ts';
import type { RunStore } from '../runs/ports.ts';
import { dayOf } from './day.ts';
import type { BudgetStore, DailyBudget, SpendStore } from './ports.ts';
import { spentOn } from './recount.ts';

export type SetBudgetDeps = {
  budgets: BudgetStore;
  spend: Pick<SpendStore, 'get' | 'replace'>;
  runs: Pick<RunStore, 'list'>;
  clock: Pick<Clock, 'now'>;
};

/**
 * Gives a caller a daily budget, or takes it away. A caller without a budget is not counted, so the day's sum begins
 * with what its runs of today used. Workers heed a new budget within a minute. Throws `InvalidInputError`.
 */
export const setBudget = async (
  caller: string,
  budget: DailyBudget | undefined,
  { budgets, spend, runs, clock }: SetBudgetDeps,
): Promise<void> => {
  if (budget?.tokens !== undefined && budget.tokens !== null && !Number.isSafeInteger(budget.tokens)) {
    throw new InvalidInputError([{ path: 'tokens', message: 'must be a whole number' }]);
  }
  const account = { caller, day: dayOf(clock.now()) };
  if (budget !== undefined && (await spend.get(account)) === undefined) {
    // Where a worker counted in between, its sum stands.
    await spend.replace(account, await spentOn(caller, account.day, { runs }), undefined);
  }
  await budgets.set(caller, budget);
};
