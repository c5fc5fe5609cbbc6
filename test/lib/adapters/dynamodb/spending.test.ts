import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../../../lib/adapters/dynamodb/spending.ts';
import { spendingContract } from '../../../contracts/spending.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

spendingContract('DynamoDB', async () => {
  const table = await openTable();
  return {
    budgets: makeDynamoBudgetStore(table),
    spend: makeDynamoSpendStore({ ...table, once: table.client }),
    close: table.close,
  };
});
