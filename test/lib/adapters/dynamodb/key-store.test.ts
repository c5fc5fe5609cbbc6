import { makeDynamoKeyStore } from '../../../../lib/adapters/dynamodb/key-store.ts';
import { keyStoreContract } from '../../../contracts/key-store.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

keyStoreContract('DynamoDB', async () => {
  const table = await openTable();
  return { keys: makeDynamoKeyStore(table), close: table.close };
});
