import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDynamoDb } from '../../../local/aws/start-dynamodb.ts';
import type { Table } from '../../../local/aws/template/stack-model.ts';
import { awsKey, keys } from '../../fixtures/aws-key.ts';

const table: Table = {
  id: 'Table',
  name: 'runs',
  definition: {
    TableName: 'runs',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'due_shard', AttributeType: 'N' },
      { AttributeName: 'due_at', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'due_shard', KeyType: 'HASH' },
          { AttributeName: 'due_at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  },
};

type Store = {
  db: { close: (done: (error?: Error) => void) => void };
  deleteIndexDb: (kind: string, table: string, index: string, done: (error?: Error) => void) => void;
};
const { create } = createRequire(import.meta.url)('dynalite/db') as {
  create: (options: { path: string }) => Store;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everytoken-index-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const withDynamoDb = async <T>(use: (client: DynamoDBClient) => Promise<T>): Promise<T> => {
  const { url, close } = await startDynamoDb({
    folder: folder,
    tables: [table],
    region: 'us-east-1',
    key: awsKey,
    keys,
  });
  const client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials: awsKey });
  try {
    return await use(client);
  } finally {
    client.destroy();
    await close();
  }
};

const dueOf = async (client: DynamoDBClient): Promise<(string | undefined)[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: 'runs',
      IndexName: 'due',
      KeyConditionExpression: 'due_shard = :shard',
      ExpressionAttributeValues: { ':shard': { N: '4' } },
    }),
  );
  return Items.map(({ pk }) => pk?.S);
};

test('an item that lost its index entry to a kill -9 is due again after the next start', async () => {
  await withDynamoDb(async (client) => {
    const Item = { pk: { S: 'RUN#1' }, due_shard: { N: '4' }, due_at: { N: '7' }, status: { S: 'queued' } };
    await client.send(new PutItemCommand({ TableName: 'runs', Item }));
    await client.send(
      new PutItemCommand({ TableName: 'runs', Item: { pk: { S: 'RUN#2' }, status: { S: 'completed' } } }),
    );
    expect(await dueOf(client)).toEqual(['RUN#1']);
  });
  const store = create({ path: folder });
  await promisify(store.deleteIndexDb)('Global', 'runs', 'due');
  await promisify(store.db.close.bind(store.db))();

  expect(await withDynamoDb(dueOf)).toEqual(['RUN#1']);
});
