import type { Clock } from '../async/clock.ts';
import { NOTHING, usdOf } from './amount.ts';
import { dayOf, nextDay } from './day.ts';
import type { BudgetStore, SpendStore } from './ports.ts';

/** `used` holds what runs under way have set aside, too. */
export type Allowance = { limit: number; used: number; left: number };

/** A caller's budget of the UTC day, as GET /usage shows it. */
export type BudgetView = {
  day: string;
  resets_at: string;
  tokens: Allowance | null;
  cost_usd: Allowance | null;
};

/** What a caller's budget is and how much is left today; null for a caller without one. */
export const readBudget = async (
  caller: string,
  {
    budgets,
    spend,
    clock,
  }: { budgets: Pick<BudgetStore, 'get'>; spend: Pick<SpendStore, 'get'>; clock: Pick<Clock, 'now'> },
): Promise<BudgetView | null> => {
  const budget = await budgets.get(caller);
  if (budget === undefined) return null;
  const now = clock.now();
  const day = dayOf(now);
  const sums = (await spend.get({ caller, day })) ?? NOTHING;
  return {
    day,
    resets_at: new Date(nextDay(now)).toISOString(),
    tokens: budget.tokens === null ? null : allowance(budget.tokens, sums.tokens),
    cost_usd: budget.costUsd === null ? null : allowance(budget.costUsd, usdOf(sums.nanoUsd)),
  };
};

const allowance = (limit: number, used: number): Allowance => ({
  limit,
  used,
  left: Math.max(0, limit - used),
});
