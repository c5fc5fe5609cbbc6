import type { Clock } from '../async/clock.ts';
import { remember } from '../async/remember.ts';
import { InvalidInputError, OverBudgetError } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import type { RunRequest } from '../runs/request.ts';
import type { Reservation } from '../runs/run.ts';
import { type Amount, type Spent, sumOf, usdOf } from './amount.ts';
import { boundsOf, type PriceOf } from './charges.ts';
import { dayOf, nextDay } from './daily.ts';
import type { BudgetStore, DailyBudget, SpendStore } from './ports.ts';

export type Budget = {
  /**
   * Sets the most that a run should use aside, before anything is generated; null for a caller without a budget.
   * Throws `OverBudgetError` when the day's budget does not hold it, and `InvalidInputError` (`price_unknown`) when a
   * cost is limited and a model has no known price.
   */
  reserve(caller: string, request: RunRequest): Promise<Reservation | null>;
  /**
   * Counts what was really used in place of what was set aside. Called once for a reservation, never again and never
   * retried: what fails here leaves the day over-counted, until midnight or an audit. Never throws.
   */
  settle(caller: string, reservation: Reservation | null, used: Amount): Promise<void>;
  /** The most that each of a run's generations should use, by index. */
  boundsOf(request: RunRequest): Amount[];
};

export type BudgetDeps = {
  budgets: Pick<BudgetStore, 'get'>;
  spend: Pick<SpendStore, 'reserve' | 'adjust'>;
  priceOf: PriceOf;
  clock: Clock;
  log: Log;
};

/** Daily budgets by caller. A budget is remembered for a minute, so a new one counts from then on. */
export const makeBudget = ({ budgets, spend, priceOf, clock, log }: BudgetDeps): Budget => {
  const find = remember(budgets.get, clock.now);

  return {
    boundsOf: (request) => boundsOf(request, priceOf),

    reserve: async (caller, request) => {
      const budget = await find(caller);
      if (budget === undefined || (budget.tokens === null && budget.costUsd === null)) return null;
      const bounds = boundsOf(request, priceOf);
      if (budget.costUsd !== null) refuseUnpriced(request, bounds);
      const now = clock.now();
      const { tokens, nanoUsd } = sumOf(bounds);
      const reservation = { day: dayOf(now), tokens, nanoUsd: nanoUsd ?? 0 };
      const limits = {
        tokens: budget.tokens,
        nanoUsd: budget.costUsd === null ? null : Math.round(budget.costUsd * 1e9),
      };
      if (await spend.reserve({ caller, day: reservation.day }, reservation, limits)) return reservation;
      throw new OverBudgetError(overBudget(budget, reservation), { retryAfterMs: nextDay(now) - now });
    },

    settle: async (caller, reservation, used) => {
      if (reservation === null) return;
      const difference = {
        tokens: used.tokens - reservation.tokens,
        nanoUsd: (used.nanoUsd ?? reservation.nanoUsd) - reservation.nanoUsd,
      };
      if (difference.tokens === 0 && difference.nanoUsd === 0) return;
      try {
        await spend.adjust({ caller, day: reservation.day }, difference);
      } catch (error) {
        log.warn('budget.over_counted', { caller, day: reservation.day, ...errorFields(error) });
      }
    },
  };
};

const refuseUnpriced = ({ settings, samples }: RunRequest, bounds: Amount[]): void => {
  const unpriced = settings.filter((_, at) => bounds[at * samples]?.nanoUsd === null);
  if (unpriced.length === 0) return;
  const models = [...new Set(unpriced.map(({ model }) => model))].join(', ');
  throw new InvalidInputError(
    [
      {
        path: 'model',
        message: `${models}: no price is known, and this caller's budget limits the cost; use another model, or have the operator add it to PRICES`,
      },
    ],
    { code: 'price_unknown' },
  );
};

const overBudget = ({ tokens, costUsd }: DailyBudget, asked: Spent): string => {
  const limits = [
    ...(tokens === null ? [] : [`${tokens} tokens`]),
    ...(costUsd === null ? [] : [`${costUsd} USD`]),
  ].join(' and ');
  const most = `${asked.tokens} tokens${costUsd === null ? '' : ` and ${usdOf(asked.nanoUsd)} USD`}`;
  return `this run may use up to ${most} (prompt bytes and max_tokens of each generation), more than is left of the day's budget of ${limits}; lower max_tokens, or wait for midnight UTC`;
};
