import { makeDynamoRunList } from '../../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import { runListContract } from '../../../contracts/run-list.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

runListContract('DynamoDB', async () => {
  const table = await openTable();
  return { runs: makeDynamoRunStore(table), list: makeDynamoRunList(table), close: table.close };
});
