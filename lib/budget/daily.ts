import type { Clock } from '../async/clock.ts';
import { InvalidInputError } from '../errors.ts';
import { dropAbsent } from '../json/value.ts';
import type { RunStore } from '../runs/ports.ts';
import { NOTHING, plus, type Spent, usdOf } from './amount.ts';
import { chargeOf } from './charges.ts';
import type { BudgetStore, DailyBudget, SpendStore } from './ports.ts';

const DAY_MS = 86_400_000;

/** The UTC day of an instant (epoch ms), as `2026-11-22`: budgets are of such days. */
export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** Epoch ms of the next midnight, UTC. */
export const nextDay = (now: number): number => (Math.floor(now / DAY_MS) + 1) * DAY_MS;

/** `used` holds what runs under way have set aside, too. */
type Allowance = { limit: number; used: number; left: number };

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

/** What the runs that a caller had accepted on a UTC day used, by the list of its runs, which may lag for a moment. */
const spentOn = async (
  caller: string,
  day: string,
  { runs }: { runs: Pick<RunStore, 'list'> },
): Promise<Spent> => {
  let sum = NOTHING;
  let cursor: string | undefined;
  do {
    const page: Awaited<ReturnType<RunStore['list']>> = await runs.list(
      dropAbsent({ caller, limit: 500, since: `${day}T00:00:00.000Z`, until: `${day}T~`, cursor }),
    );
    sum = page.runs.map((run) => chargeOf(run)).reduce(plus, sum);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return sum;
};
