import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { BudgetStore } from '../../budget/ports.ts';
import type { TableClient } from './run-store.ts';

const keyOf = (caller: string) => ({ pk: `BUDGET#${caller}`, sk: 'BUDGET' });

/** BUDGET items in DynamoDB: one for each caller that has a budget. Only an operator writes them. */
export const makeDynamoBudgetStore = ({ client, table }: TableClient): BudgetStore => ({
  get: async (caller) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: marshall(keyOf(caller)), ConsistentRead: true }),
    );
    if (!Item) return undefined;
    const { tokens, cost_usd } = unmarshall(Item);
    return { tokens: tokens ?? null, costUsd: cost_usd ?? null };
  },

  set: async (caller, budget) => {
    if (budget === undefined) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: marshall(keyOf(caller)) }));
      return;
    }
    const item = { ...keyOf(caller), caller, tokens: budget.tokens, cost_usd: budget.costUsd };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
  },
});
