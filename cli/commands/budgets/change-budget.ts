import type { DailyBudget } from '../../../lib/budget/ports.ts';
import type { TableStores } from '../keys/table-stores.ts';

/** Sets the budget of a caller, who is in the list of callers from then on; `undefined` removes it. */
export const changeBudget = async (
  caller: string,
  budget: DailyBudget | undefined,
  stores: TableStores,
): Promise<void> => {
  const { setBudget } = await import('../../../lib/budget/daily.ts');
  await setBudget(caller, budget, stores);
  if (budget !== undefined) await stores.callers.enter(caller);
};
