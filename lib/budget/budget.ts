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
   * Reserves the upper bound of a run's usage on its caller's daily budget, before anything is generated. Resolves to
   * null for a caller without a budget.
   *
   * @throws {OverBudgetError} when the bound exceeds what is left of the day's budget
   * @throws {InvalidInputError} (`price_unknown`) when the budget limits cost and a model has no known price
   */
  reserve(caller: string, request: RunRequest): Promise<Reservation | null>;
  /**
   * Replaces a reservation by the actual usage. Call it once per reservation and never retry it: the write may have
   * been applied. A failed write leaves the day over-counted until midnight or an audit. Never throws.
   */
  settle(caller: string, reservation: Reservation | null, used: Amount): Promise<void>;
  /** The upper bound of each generation's usage, by index. */
  boundsOf(request: RunRequest): Amount[];
};

export type BudgetDeps = {
  budgets: Pick<BudgetStore, 'get'>;
  spend: Pick<SpendStore, 'reserve' | 'adjust'>;
  priceOf: PriceOf;
  clock: Clock;
  log: Log;
};

/**
 * Enforces daily budgets by caller. Budgets are cached for a minute, so a change takes up to a minute to apply.
 *
 * @example
 * const reservation = await budget.reserve(caller, request); // before the model is called
 * await budget.settle(caller, reservation, used); // once the run has ended
 */
export const makeBudget = ({ budgets, spend, priceOf, clock, log }: BudgetDeps): Budget => {
  const find = remember(budgets.get, clock);

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
      const isTooMuch =
        exceeds(reservation.tokens, limits.tokens) || exceeds(reservation.nanoUsd, limits.nanoUsd);
      throw new OverBudgetError(overBudget(budget, reservation, isTooMuch), {
        retryAfterMs: nextDay(now) - now,
        retryable: !isTooMuch,
      });
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

const exceeds = (amount: number, limit: number | null): boolean => limit !== null && amount > limit;

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

const overBudget = ({ tokens, costUsd }: DailyBudget, bound: Spent, isTooMuch: boolean): string => {
  const limits = [
    ...(tokens === null ? [] : [`${tokens} tokens`]),
    ...(costUsd === null ? [] : [`${costUsd} USD`]),
  ].join(' and ');
  const most = `${bound.tokens} tokens${costUsd === null ? '' : ` and ${usdOf(bound.nanoUsd)} USD`}`;
  const [more, remedy] = isTooMuch
    ? ['more than', 'have the operator raise it']
    : ['more than is left of', 'wait for midnight UTC'];
  return `this run may use up to ${most} (prompt bytes and max_tokens of each generation), ${more} the day's budget of ${limits}; lower max_tokens, or ${remedy}`;
};
