import { makeDynamoDueIndex, makeDynamoRunStore } from '../../../lib/adapters/dynamodb-run-store.ts';
import { runStoreContract } from '../../contracts/run-store.ts';
import { openTable } from '../../factories/dynamodb-table.ts';

runStoreContract('DynamoDB', async () => {
  const table = await openTable();
  return { runs: makeDynamoRunStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});
