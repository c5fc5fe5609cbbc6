import type { Clock } from '../async/clock.ts';
import { pagesOf } from '../async/pages.ts';
import { ConflictError, InvalidInputError } from '../errors.ts';
import { rounded } from '../json/value.ts';
import { totalPart } from '../runs/list/parts.ts';
import type { ListRuns } from '../runs/ports.ts';
import { NOTHING, nanoUsdOf, plus, type Spent, usdOf } from './amount.ts';
import type { Account, BudgetStore, DailyBudget, SpendStore, Sums } from './ports.ts';

const DAY_MS = 86_400_000;

/** The UTC day of an instant (epoch ms), such as `2026-11-22`. Budgets cover UTC days. */
export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** Epoch ms of the next midnight, UTC. */
export const nextDay = (now: number): number => (Math.floor(now / DAY_MS) + 1) * DAY_MS;

/** `used` includes the reservations of runs in progress. */
type Allowance = { limit: number; used: number; left: number };

/** A caller's budget for the UTC day, as `GET /usage` shows it. */
export type BudgetView = {
  day: string;
  resets_at: string;
  tokens: Allowance | null;
  cost_usd: Allowance | null;
};

/** Reads a caller's budget and the rest of it today; null for a caller without a budget. */
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
  left: rounded(Math.max(0, limit - used)),
});

export type SetBudgetDeps = {
  budgets: BudgetStore;
  spend: Pick<SpendStore, 'get' | 'replace'>;
  listRuns: ListRuns;
  clock: Pick<Clock, 'now'>;
};

/**
 * Sets a caller's daily budget; `undefined` removes it. Callers without a budget are not counted, so a new budget
 * starts from the sum of today's runs. Workers apply a change within a minute.
 *
 * @throws {InvalidInputError} when `tokens` is not a whole number
 */
export const setBudget = async (
  caller: string,
  budget: DailyBudget | undefined,
  { budgets, spend, listRuns, clock }: SetBudgetDeps,
): Promise<void> => {
  if (budget?.tokens !== undefined && budget.tokens !== null && !Number.isSafeInteger(budget.tokens)) {
    throw new InvalidInputError([{ path: 'tokens', message: 'must be a whole number' }]);
  }
  const account = { caller, day: dayOf(clock.now()) };
  if (budget !== undefined && (await budgets.get(caller)) === undefined)
    await catchUp(account, await spentOn(caller, account.day, listRuns), spend);
  await budgets.set(caller, budget);
};

const MAX_TRIES = 5;

/**
 * Raises a day's sum to what the runs used, beside other requests: the sum of an earlier budget lacks the usage since that
 * was removed.
 */
const catchUp = async (
  account: Account,
  used: Spent,
  spend: Pick<SpendStore, 'get' | 'replace'>,
): Promise<void> => {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const counted = await spend.get(account);
    const { requests, ...all } = counted ?? (NOTHING as Sums);
    const least = plus(used, requests ?? NOTHING);
    const raised = {
      tokens: Math.max(all.tokens, least.tokens),
      nanoUsd: Math.max(all.nanoUsd, least.nanoUsd),
      ...(requests && { requests }),
    };
    if (await spend.replace(account, raised, counted)) return;
  }
  throw new ConflictError('the sum of the day changes all the time; set the budget again', {
    retryable: true,
  });
};

/** The usage of a caller's runs that were accepted on a UTC day. */
const spentOn = async (caller: string, day: string, listRuns: ListRuns): Promise<Spent> => {
  let sum = NOTHING;
  const list = (at: { cursor?: string }) =>
    listRuns({
      caller,
      limit: 500,
      since: `${day}T00:00:00.000Z`,
      until: `${day}T~`,
      includesDeleted: true,
      ...at,
    });
  for await (const { parts } of pagesOf(list, 'runs')) {
    const { promptTokens, completionTokens, costUsd } = totalPart(parts);
    sum = plus(sum, { tokens: promptTokens + completionTokens, nanoUsd: nanoUsdOf(costUsd) });
  }
  return sum;
};
