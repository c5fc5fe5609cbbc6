import type { Clock } from '../async/clock.ts';
import { remember } from '../async/remember.ts';
import { InvalidInputError, OverBudgetError } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import type { RunRequest } from '../runs/request.ts';
import type { FileLimit, Reservation } from '../runs/run.ts';
import type { RouteOf } from '../sampling/server.ts';
import { type Amount, knownOf, minus, NOTHING, type Spent, sumOf, usdOf } from './amount.ts';
import { boundsOf, type PriceOf } from './charges.ts';
import { dayOf, nextDay } from './daily.ts';
import type { Account, BudgetStore, DailyBudget, Limits, SpendStore, SpentFor } from './ports.ts';

export type Budget = {
  /**
   * Reserves the upper bound of a run's usage, one attempt at each generation, on its caller's daily budget, and on its
   * prompt file's `max_cost_usd` if that has one, before anything is generated. Resolves to null where neither limits it.
   *
   * @throws {OverBudgetError} when the bound exceeds what is left of the day's budget; `max_cost_reached`, what is left
   *   of the file's
   * @throws {InvalidInputError} (`price_unknown`) when a cost is limited and a model has no known price
   */
  reserve(caller: string, request: RunRequest, file?: FileLimit): Promise<Reservation | null>;
  /**
   * Reserves any other upper bound on a caller's daily budget; null for a caller without one.
   *
   * @throws {OverBudgetError} as `reserve` does. A price that is unknown (null) counts as nothing.
   */
  reserveAmount(caller: string, bound: Amount): Promise<Reservation | null>;
  /**
   * `reserveAmount` for a request that is no run, such as a search, so that an audit tells its usage from that of runs.
   * `pricedModel` is the model whose price must be known where the caller's budget limits the cost.
   *
   * @throws {InvalidInputError} (`price_unknown`) when it must and is not
   */
  reserveRequest(
    caller: string,
    bound: Amount,
    options?: { pricedModel?: string },
  ): Promise<Reservation | null>;
  /**
   * Adds to a reservation, on the day and the file that it is for.
   * @throws {OverBudgetError} as `reserve` does
   */
  extend(caller: string, reservation: Reservation, more: Spent): Promise<void>;
  /**
   * Replaces a reservation by the actual usage. Call it once per reservation and never retry it: the write may have
   * been applied. A failed write leaves the day over-counted until midnight or an audit. Never throws.
   */
  settle(caller: string, reservation: Reservation | null, used: Spent): Promise<void>;
  /** The upper bound of one attempt at each generation, by index. */
  boundsOf(request: RunRequest): Amount[];
};

export type BudgetDeps = {
  budgets: Pick<BudgetStore, 'get'>;
  spend: Pick<SpendStore, 'reserve' | 'adjust'>;
  routeOf: RouteOf;
  priceOf: PriceOf;
  clock: Clock;
  log: Log;
};

/**
 * Enforces daily budgets by caller, and the cost limits of prompt files. Budgets are cached for a minute, so a change
 * takes up to a minute to apply.
 *
 * @example
 * const reservation = await budget.reserve(caller, request); // before the model is called
 * await budget.settle(caller, reservation, used); // once the run has ended
 */
export const makeBudget = ({ budgets, spend, clock, log, ...pricing }: BudgetDeps): Budget => {
  const findBudget = remember(budgets.get, clock);
  const budgetOf = async (caller: string): Promise<DailyBudget | undefined> => {
    const budget = await findBudget(caller);
    return budget === undefined || (budget.tokens === null && budget.costUsd === null) ? undefined : budget;
  };

  const reserveOnFile = async ({ id, maxNanoUsd }: FileLimit, bound: Spent): Promise<void> => {
    if (await spend.reserve({ fileId: id }, bound, { tokens: null, nanoUsd: maxNanoUsd })) return;
    throw new OverBudgetError(
      `this line may cost up to ${usdOf(bound.nanoUsd)} USD, more than is left of the file's max_cost_usd of ${usdOf(maxNanoUsd)}`,
      { code: 'max_cost_reached', retryable: false, retryAfterMs: 0 },
    );
  };

  const reserveOnDay = async (
    account: DayAccount,
    budget: DailyBudget,
    bound: Spent,
    spentFor?: SpentFor,
  ): Promise<void> => {
    const limits = limitsOf(budget);
    if (await spend.reserve(account, bound, limits, spentFor)) return;
    const isTooMuch = exceeds(bound.tokens, limits.tokens) || exceeds(bound.nanoUsd, limits.nanoUsd);
    const now = clock.now();
    throw new OverBudgetError(overBudget(budget, bound, isTooMuch), {
      retryAfterMs: nextDay(now) - now,
      retryable: !isTooMuch,
    });
  };

  const adjust = async (account: Account, difference: Spent, spentFor?: SpentFor): Promise<void> => {
    if (difference.tokens === 0 && difference.nanoUsd === 0) return;
    try {
      await spend.adjust(account, difference, spentFor);
    } catch (error) {
      log.warn('budget.over_counted', { ...nameOf(account), ...errorFields(error) });
    }
  };

  /** Reserves on the file first, and gives that back when the day does not cover it. */
  const reserveOn = async (
    { file, day, caller, spentFor }: Pick<Reservation, 'file' | 'day' | 'spentFor'> & { caller: string },
    budget: DailyBudget | undefined,
    bound: Spent,
  ): Promise<void> => {
    if (file) await reserveOnFile(file, bound);
    if (day === null || !budget) return;
    try {
      await reserveOnDay({ caller, day }, budget, bound, spentFor);
    } catch (error) {
      if (file) await adjust({ fileId: file.id }, minus(NOTHING, bound));
      throw error;
    }
  };

  return {
    boundsOf: (request) => boundsOf(request, pricing),

    reserve: async (caller, request, file) => {
      const budget = await budgetOf(caller);
      if (!budget && !file) return null;
      const bounds = boundsOf(request, pricing);
      if (file || budget?.costUsd != null) refuseUnpriced(request, bounds, file);
      const bound = knownOf(sumOf(bounds));
      const day = budget ? dayOf(clock.now()) : null;
      await reserveOn({ ...(file && { file }), day, caller }, budget, bound);
      return { day, ...bound, ...(file && { file }) };
    },

    reserveAmount: async (caller, amount) => {
      const budget = await budgetOf(caller);
      if (!budget) return null;
      const [day, bound] = [dayOf(clock.now()), knownOf(amount)];
      await reserveOnDay({ caller, day }, budget, bound);
      return { day, ...bound };
    },

    reserveRequest: async (caller, amount, { pricedModel } = {}) => {
      const budget = await budgetOf(caller);
      if (!budget) return null;
      if (pricedModel !== undefined && budget.costUsd !== null && amount.nanoUsd === null)
        throw priceUnknown([pricedModel]);
      const [day, bound] = [dayOf(clock.now()), knownOf(amount)];
      await reserveOnDay({ caller, day }, budget, bound, 'requests');
      return { day, ...bound, spentFor: 'requests' };
    },

    extend: async (caller, reservation, more) =>
      reserveOn({ ...reservation, caller }, await budgetOf(caller), more),

    settle: async (caller, reservation, used) => {
      if (reservation === null) return;
      const difference = minus(used, reservation);
      const { day, file, spentFor } = reservation;
      await Promise.all([
        day !== null && adjust({ caller, day }, difference, spentFor),
        file && adjust({ fileId: file.id }, difference),
      ]);
    },
  };
};

type DayAccount = Extract<Account, { caller: string }>;

const nameOf = (account: Account): Record<string, string> =>
  'fileId' in account ? { file_id: account.fileId } : account;

const limitsOf = ({ tokens, costUsd }: DailyBudget): Limits => ({
  tokens,
  nanoUsd: costUsd === null ? null : Math.round(costUsd * 1e9),
});

const exceeds = (amount: number, limit: number | null): boolean => limit !== null && amount > limit;

const refuseUnpriced = (
  { settings, samples }: RunRequest,
  bounds: Amount[],
  file: FileLimit | undefined,
): void => {
  const unpriced = settings.filter((_, at) => bounds[at * samples]?.nanoUsd === null);
  if (unpriced.length === 0) return;
  throw priceUnknown([...new Set(unpriced.map(({ model }) => model))], file);
};

const priceUnknown = (models: string[], file?: FileLimit): InvalidInputError => {
  const message = `${models.join(', ')}: no price is known, ${
    file
      ? "so this file's max_cost_usd cannot be kept; use a priced model, or leave max_cost_usd out"
      : "and this caller's budget limits the cost; use another model, or have the operator add it to PRICES"
  }`;
  return new InvalidInputError([{ path: 'model', message }], { code: 'price_unknown' });
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
  return `this may use up to ${most} (the bytes of what is sent and max_tokens, for each generation), ${more} the day's budget of ${limits}; send less, lower max_tokens, or ${remedy}`;
};
