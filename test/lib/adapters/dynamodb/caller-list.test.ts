import { makeDynamoCallerList } from '../../../../lib/adapters/dynamodb/caller-list.ts';
import { callerListContract } from '../../../contracts/caller-list.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

callerListContract('DynamoDB', async () => {
  const table = await openTable();
  return { callers: makeDynamoCallerList(table), close: table.close };
});
