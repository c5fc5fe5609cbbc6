import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { makeDynamoDueIndex } from '../../../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import { runStoreContract } from '../../../contracts/run-store.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';
import { makeRun } from '../../../factories/run.ts';

runStoreContract('DynamoDB', async () => {
  const table = await openTable();
  return { runs: makeDynamoRunStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});

test('a run that may expire has its expiry in seconds, as DynamoDB’s TTL requires', async () => {
  const table = await openTable();
  const runs = makeDynamoRunStore(table);
  const run = makeRun();
  await runs.create(run);
  await runs.change(run.id, { expiresAt: 1_800_000_000_001 }, {});
  const Key = { pk: { S: `RUN#${run.id}` }, sk: { S: 'RUN' } };
  const { Item } = await table.client.send(new GetItemCommand({ TableName: table.table, Key }));
  expect(Item?.expires_at).toEqual({ N: '1800000001' });
  await table.close();
});
