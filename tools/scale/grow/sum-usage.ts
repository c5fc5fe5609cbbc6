import { makeDynamoCallerList } from '../../../lib/adapters/dynamodb/caller-list.ts';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import type { TableClient } from '../../../lib/adapters/dynamodb/table.ts';
import { makeDynamoUsageStore } from '../../../lib/adapters/dynamodb/usage-store.ts';
import { moveUsage } from '../../../lib/usage/move-usage.ts';
import { closingOf, lengthOf, nameOf } from '../../../lib/usage/periods.ts';
import type { Period } from '../../../lib/usage/ports.ts';

/**
 * Sums a caller's closed hours and days since an instant (epoch ms), as the sweep does once they are due. For days the
 * clock is an hour ahead, since a day waits some minutes for its hours.
 */
export const sumUsage = async (table: TableClient, caller: string, from: number): Promise<void> => {
  const totals = makeDynamoUsageStore(table);
  const deps = {
    ...{ totals, list: makeDynamoRunList(table), runs: makeDynamoRunStore(table), usageKeys: [] },
    callers: makeDynamoCallerList(table),
    remainingMs: () => Number.POSITIVE_INFINITY,
  };
  const now = Date.now();
  for (const kind of ['HOUR', 'DAY'] as const) {
    const clock = { now: () => Date.now() + (kind === 'DAY' ? lengthOf('HOUR') : 0) };
    for (let at = from; closingOf({ kind, name: nameOf(kind, at) }) < now; at += lengthOf(kind)) {
      const period: Period = { caller, kind, name: nameOf(kind, at) };
      await totals.mark(period, now);
      await moveUsage({ pk: `USAGE#${caller}`, sk: `${kind}#${period.name}` }, { ...deps, clock });
    }
  }
};
