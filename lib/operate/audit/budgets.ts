import { NOTHING, plus, type Spent } from '../../budget/amount.ts';
import { chargeOf } from '../../budget/charges.ts';
import { dayOf } from '../../budget/daily.ts';
import type { Run } from '../../runs/run.ts';
import type { AuditDeps, Finding } from './ports.ts';

/**
 * Days whose sums are not what their runs say, for callers with a budget: today's alone, since no other is asked for
 * any more. A crash leaves too much counted; too little would be an error of ours. A caller with runs under way is
 * left out, since what these have set aside moves.
 */
export const auditBudgets = async (runs: ReadonlyMap<string, Run>, deps: AuditDeps): Promise<Finding[]> => {
  const day = dayOf(deps.clock.now());
  const ofToday = [...runs.values()].filter((run) => (run.chargedOn ?? run.createdAt.slice(0, 10)) === day);
  const findings: Finding[] = [];
  for (const [caller, own] of Map.groupBy(ofToday, (run) => run.caller)) {
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
    detail: `${counted?.tokens ?? 0} tokens are counted on ${day}, its runs used ${sums.tokens}`,
    repair: () => spend.replace(account, sums, counted),
  };
};

// Each cost was rounded up to whole billionths of a USD for itself.
const isSame = (a: Spent, b: Spent): boolean =>
  a.tokens === b.tokens && Math.abs(a.nanoUsd - b.nanoUsd) < 1_000;
