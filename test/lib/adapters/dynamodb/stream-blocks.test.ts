import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { marshall, unmarshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoStreamBlocks } from '../../../../lib/adapters/dynamodb/stream-blocks.ts';
import { streamBlocksContract } from '../../../contracts/stream-blocks.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

const clock = { now: () => 1_700_000_000_500 };

streamBlocksContract('DynamoDB', async () => {
  const table = await openTable();
  return { blocks: makeDynamoStreamBlocks(table, clock), close: table.close };
});

test('a block expires a day after it was written', async () => {
  const { client, table, close } = await openTable();
  const blocks = makeDynamoStreamBlocks({ client, table }, clock);
  await blocks.put({ runId: 'run_1', caller: 'docs', attempt: 1, index: 0, number: 7, chunks: '[]' });
  const Key = marshall({ pk: 'STREAM#run_1', sk: '000001-000000-000007' });
  const { Item = {} } = await client.send(new GetItemCommand({ TableName: table, Key }));
  expect(unmarshall(Item).expires_at).toBe(1_700_000_001 + 86_400);
  await close();
});
