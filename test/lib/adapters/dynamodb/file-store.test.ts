import { makeDynamoFileStore } from '../../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoDueIndex } from '../../../../lib/adapters/dynamodb/indexes.ts';
import { fileStoreContract } from '../../../contracts/file-store.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

fileStoreContract('DynamoDB', async () => {
  const table = await openTable();
  return { files: makeDynamoFileStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});
