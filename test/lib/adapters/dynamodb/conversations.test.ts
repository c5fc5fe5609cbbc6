import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { unmarshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoConversations } from '../../../../lib/adapters/dynamodb/conversations.ts';
import { conversationsContract } from '../../../contracts/conversations.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

conversationsContract('DynamoDB', async () => {
  const table = await openTable();
  return { conversations: makeDynamoConversations(table), close: table.close };
});

test('a turn expires with its run, and never without a retention', async () => {
  const { client, table, close } = await openTable();
  const turn = { id: 'run_1', createdAt: '2026-11-22T13:00:00.000Z', conversation: null, answer: 'a' };
  await makeDynamoConversations({ client, table }, { retentionDays: 7 }).put('kept for a week', turn);
  await makeDynamoConversations({ client, table }).put('kept', turn);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  const expiries = Items.map((item) => unmarshall(item)).map(({ pk, expires_at }) => [pk, expires_at]);
  expect(Object.fromEntries(expiries)).toEqual({
    'TURN#kept for a week': Date.UTC(2026, 10, 29, 13) / 1000,
    'TURN#kept': undefined,
  });
  await close();
});
