import { CreateTableCommand, type CreateTableInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoDueIndex } from '../../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore, makeDynamoLoadStore } from '../../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../../lib/adapters/dynamodb/spending.ts';
import { makeDynamoStreamBlocks } from '../../../lib/adapters/dynamodb/stream-blocks.ts';
import { makeDynamoUsageStore } from '../../../lib/adapters/dynamodb/usage-store.ts';
import { newAwsKey } from '../../../local/aws/credentials.ts';
import { fileStoreContract } from '../../../test/contracts/file-store.ts';
import { keyStoreContract } from '../../../test/contracts/key-store.ts';
import { limitsContract } from '../../../test/contracts/limits.ts';
import { runListContract } from '../../../test/contracts/run-list.ts';
import { runStoreContract } from '../../../test/contracts/run-store.ts';
import { spendingContract } from '../../../test/contracts/spending.ts';
import { streamBlocksContract } from '../../../test/contracts/stream-blocks.ts';
import { usageStoreContract } from '../../../test/contracts/usage-store.ts';

/** Set by checks/table.ts: the URL of DynamoDB Local, and the definition of the template's table as JSON. */
const { DYNAMODB_URL: endpoint = '', TABLE_DEFINITION = '{}' } = process.env;

/** DynamoDB Local checks no signatures, and takes a key of letters and digits. */
const CREDENTIALS = newAwsKey();
const DEFINITION = JSON.parse(TABLE_DEFINITION) as CreateTableInput;

/** Creates the template's table under a name of its own. */
const openTable = async (name: string) => {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS });
  const table = `contract-${name}`;
  await client.send(new CreateTableCommand({ ...DEFINITION, TableName: table }));
  return { client, table, close: async () => client.destroy() };
};

runStoreContract('DynamoDB Local', async () => {
  const table = await openTable('runs');
  return { runs: makeDynamoRunStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});

runListContract('DynamoDB Local', async () => {
  const table = await openTable('list');
  return { runs: makeDynamoRunStore(table), list: makeDynamoRunList(table), close: table.close };
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

limitsContract('DynamoDB Local', async () => {
  const table = await openTable('limits');
  return {
    limits: makeDynamoLimitStore(table),
    load: makeDynamoLoadStore({ ...table, once: table.client }),
    close: table.close,
  };
});

streamBlocksContract('DynamoDB Local', async () => {
  const table = await openTable('streams');
  return { blocks: makeDynamoStreamBlocks(table, { now: Date.now }), close: table.close };
});

usageStoreContract('DynamoDB Local', async () => {
  const table = await openTable('usage');
  return { totals: makeDynamoUsageStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});
