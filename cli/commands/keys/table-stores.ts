import { randomBytes } from 'node:crypto';
import { makeDynamoCallerList } from '../../../lib/adapters/dynamodb/caller-list.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore } from '../../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../../lib/adapters/dynamodb/spending.ts';
import { makeDynamoDB } from '../../../lib/adapters/dynamodb/table.ts';
import { keyOf } from '../../../lib/keys/api-key.ts';
import { listRuns } from '../../../lib/runs/list/read.ts';

/** The stores of keys, budgets and limits, all on one table. */
export const tableStores = (table: string) => {
  const client = makeDynamoDB();
  return {
    keys: makeDynamoKeyStore({ client, table }),
    callers: makeDynamoCallerList({ client, table }),
    budgets: makeDynamoBudgetStore({ client, table }),
    spend: makeDynamoSpendStore({ client, once: client, table }),
    limits: makeDynamoLimitStore({ client, table }),
    listRuns: (query: Parameters<typeof listRuns>[0]) =>
      listRuns(query, {
        list: makeDynamoRunList({ client, table }),
        runs: makeDynamoRunStore({ client, table }),
      }),
    now: Date.now,
    clock: { now: Date.now },
    newSecret: () => keyOf(randomBytes(32)),
  };
};

export type TableStores = ReturnType<typeof tableStores>;
