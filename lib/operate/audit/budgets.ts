import { NOTHING, plus, type Spent } from '../../budget/amount.ts';
import { chargeOf } from '../../budget/charges.ts';
import { dayOf } from '../../budget/daily.ts';
import type { Run } from '../../runs/run.ts';
import type { AuditDeps, Finding } from './ports.ts';

/**
 * Compares today's sums with the charges of today's runs, for callers with a budget. Earlier days are skipped, because
 * no budget reads them any more. A crash leaves a sum too high; a sum too low would be a bug. Callers with a run in
 * progress are skipped, because its reservation changes the sum.
 */
export const auditBudgets = async (runs: ReadonlyMap<string, Run>, deps: AuditDeps): Promise<Finding[]> => {
  const day = dayOf(deps.clock.now());
  const chargedToday = [...runs.values()].filter(
    (run) => (run.chargedOn ?? run.createdAt.slice(0, 10)) === day,
  );
  const findings: Finding[] = [];
  for (const [caller, own] of Map.groupBy(chargedToday, (run) => run.caller)) {
    if (own.some(({ reserved }) => reserved !== null)) continue;
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
  const sums = runs.map(chargeOf).reduce(plus, NOTHING);
  if (isSame(counted ?? NOTHING, sums)) return undefined;
  return {
    kind: 'miscounted_budget',
    id: caller,
    count: 1,
    detail: `${counted?.tokens ?? 0} tokens are counted for ${day}, but its runs used ${sums.tokens}`,
    repair: () => spend.replace(account, sums, counted),
  };
};

// The tolerance is 1,000 nano-USD, because each cost was rounded up to a whole nano-USD by itself.
const isSame = (a: Spent, b: Spent): boolean =>
  a.tokens === b.tokens && Math.abs(a.nanoUsd - b.nanoUsd) < 1_000;
