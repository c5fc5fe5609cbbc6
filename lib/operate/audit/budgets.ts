import { NOTHING, plus, type Spent } from '../../budget/amount.ts';
import { chargeOf } from '../../budget/charges.ts';
import { dayOf } from '../../budget/daily.ts';
import { hasEnded, type Run } from '../../runs/run.ts';
import type { AuditDeps, Finding } from './ports.ts';

/**
 * Compares today's sums with the charges of today's runs, for callers with a budget. Earlier days are skipped, because
 * no budget reads them any more. A crash leaves a sum too high; a sum too low would be a bug. Callers with a run in
 * progress are skipped, because its reservation changes the sum. A run that was deleted under way may have used
 * anything up to its reservation, so such a sum is not lowered. Requests that are no runs leave no record, so their part of
 * a sum is taken as it is.
 */
export const auditBudgets = async (runs: ReadonlyMap<string, Run>, deps: AuditDeps): Promise<Finding[]> => {
  const day = dayOf(deps.clock.now());
  const chargedToday = [...runs.values()].filter(
    (run) => (run.chargedOn ?? run.createdAt.slice(0, 10)) === day,
  );
  const findings: Finding[] = [];
  for (const [caller, own] of Map.groupBy(chargedToday, (run) => run.caller)) {
    if (own.some((run) => run.reserved !== null && !hasEnded(run))) continue;
    const finding = await auditBudget(caller, day, own, deps);
    if (finding) findings.push(finding);
  }
  return findings;
};

const auditBudget = async (
  caller: string,
  day: string,
  runs: Run[],
  { budgets, spend }: AuditDeps,
): Promise<Finding | undefined> => {
  if ((await budgets.get(caller)) === undefined) return undefined;
  const account = { caller, day };
  const counted = await spend.get(account);
  const requests = counted?.requests;
  const sums = runs.map(chargeOf).reduce(plus, requests ?? NOTHING);
  const least = runs.map(({ generations }) => chargeOf({ generations })).reduce(plus, requests ?? NOTHING);
  if (isWithin(counted ?? NOTHING, least, sums)) return undefined;
  return {
    kind: 'miscounted_budget',
    id: caller,
    count: 1,
    detail: `${counted?.tokens ?? 0} tokens are counted for ${day}, but its runs${requests ? ' and other requests' : ''} used ${sums.tokens}`,
    repair: () => spend.replace(account, { ...sums, ...(requests && { requests }) }, counted),
  };
};

// The tolerance is 1,000 nano-USD, because each cost was rounded up to a whole nano-USD by itself.
const isWithin = (counted: Spent, least: Spent, most: Spent): boolean =>
  counted.tokens >= least.tokens &&
  counted.tokens <= most.tokens &&
  counted.nanoUsd > least.nanoUsd - 1_000 &&
  counted.nanoUsd < most.nanoUsd + 1_000;
