import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoDueIndex } from '../../../lib/adapters/dynamodb/queries.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../../lib/adapters/dynamodb/spending.ts';
import { fileStoreContract } from '../../../test/contracts/file-store.ts';
import { keyStoreContract } from '../../../test/contracts/key-store.ts';
import { runStoreContract } from '../../../test/contracts/run-store.ts';
import { spendingContract } from '../../../test/contracts/spending.ts';
import { openTable } from './table.ts';

runStoreContract('DynamoDB Local', async () => {
  const table = await openTable('runs');
  return { runs: makeDynamoRunStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});

fileStoreContract('DynamoDB Local', async () => {
  const table = await openTable('files');
  return { files: makeDynamoFileStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});

keyStoreContract('DynamoDB Local', async () => {
  const table = await openTable('keys');
  return { keys: makeDynamoKeyStore(table), close: table.close };
});

spendingContract('DynamoDB Local', async () => {
  const table = await openTable('spending');
  return {
    budgets: makeDynamoBudgetStore(table),
    spend: makeDynamoSpendStore({ ...table, once: table.client }),
    close: table.close,
  };
});
