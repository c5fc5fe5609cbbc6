import { makeDynamoLimitStore, makeDynamoLoadStore } from '../../../../lib/adapters/dynamodb/limits.ts';
import { limitsContract } from '../../../contracts/limits.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

limitsContract('DynamoDB', async () => {
  const table = await openTable();
  return {
    limits: makeDynamoLimitStore(table),
    load: makeDynamoLoadStore({ ...table, once: table.client }),
    close: table.close,
  };
});
