import { GetItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { marshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoRunList } from '../../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import { listRuns } from '../../../../lib/runs/list/read.ts';
import { makeBatchedPuts } from '../../../../tools/scale/grow/batched-puts.ts';
import { seedRuns } from '../../../../tools/scale/grow/seed-runs.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

let table: Awaited<ReturnType<typeof openTable>>;
beforeAll(async () => {
  table = await openTable();
});
afterAll(() => table.close());

test('seeded runs are stored and listed, spread evenly over their time', async () => {
  const [from, until] = [Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 31)];
  await seedRuns(table, { caller: 'acme', runs: 30, from, until });
  const deps = { runs: makeDynamoRunStore(table), list: makeDynamoRunList(table) };
  const { runs, nextCursor } = await listRuns({ caller: 'acme', limit: 30 }, deps);
  expect(nextCursor).toBeNull();
  expect(runs.map(({ createdAt }) => createdAt.slice(0, 13))).toEqual(
    Array.from({ length: 30 }, (_, at) => `2026-10-${String(30 - at).padStart(2, '0')}T12`),
  );
  expect(runs[0]).toMatchObject({ status: 'completed', textPreview: 'a text', parts: [{ completed: 1 }] });
  expect(await deps.runs.get(runs[0]?.id ?? '')).toMatchObject({ status: 'completed', dueAt: null });
});

test('gathered writes make the items that puts and updates would make, once they are flushed', async () => {
  const { client, flush } = makeBatchedPuts(table.client);
  const TableName = table.table;
  const key = (pk: string) => marshall({ pk, sk: 's' });
  await client.send(new PutItemCommand({ TableName, Item: { ...key('put'), n: { N: '1' } } }));
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key: key('update'),
      UpdateExpression: 'SET #a = :v0, #b = :v1 REMOVE #c',
      ExpressionAttributeNames: { '#a': 'a', '#b': 'b', '#c': 'c' },
      ExpressionAttributeValues: { ':v0': { S: 'x' }, ':v1': { N: '2' } },
    }),
  );
  const stored = async (pk: string) =>
    (await table.client.send(new GetItemCommand({ TableName, Key: key(pk), ConsistentRead: true }))).Item;
  expect(await stored('put')).toBeUndefined();
  await flush();
  expect(await stored('put')).toEqual({ ...key('put'), n: { N: '1' } });
  expect(await stored('update')).toEqual({ ...key('update'), a: { S: 'x' }, b: { N: '2' } });
});

test('other requests, and updates that do more than set attributes, are refused', async () => {
  const { client } = makeBatchedPuts(table.client);
  const TableName = table.table;
  await expect(client.send(new QueryCommand({ TableName }))).rejects.toThrow('only gets, puts and updates');
  const UpdateExpression = 'ADD #a :v0';
  await expect(client.send(new UpdateItemCommand({ TableName, Key: {}, UpdateExpression }))).rejects.toThrow(
    'only SET and REMOVE',
  );
});
