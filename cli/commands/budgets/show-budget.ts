import type { BudgetView } from '../../../lib/budget/daily.ts';
import type { DeploymentContext } from '../../deployment-command.ts';
import type { TableStores } from '../keys/table-stores.ts';

/** Prints a caller's budget and the rest of today. */
export const showBudget = async (
  caller: string,
  stores: TableStores,
  { screen, json }: DeploymentContext,
  { json: asJson }: { json?: true | undefined },
): Promise<void> => {
  const { readBudget } = await import('../../../lib/budget/daily.ts');
  const budget = await readBudget(caller, stores);
  if (asJson) json({ caller, budget });
  else for (const line of budgetLines(caller, budget)) screen.line(line);
};

const budgetLines = (caller: string, budget: BudgetView | null): string[] => {
  if (budget === null) return [`${caller} has no budget`];
  const { day, tokens, cost_usd: cost } = budget;
  return [
    `${caller}, ${day} UTC`,
    ...(tokens ? [`  tokens  ${tokens.used} used of ${tokens.limit}, ${tokens.left} left`] : []),
    ...(cost
      ? [`  USD     ${cost.used.toFixed(6)} used of ${cost.limit}, ${cost.left.toFixed(6)} left`]
      : []),
  ];
};
