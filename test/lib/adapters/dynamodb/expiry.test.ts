import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { unmarshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoFileStore } from '../../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoSpendStore } from '../../../../lib/adapters/dynamodb/spending.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';
import { makeBlock, makePromptFile } from '../../../factories/prompt-file.ts';

const NOW = Date.UTC(2026, 10, 29);
const NO_LIMITS = { tokens: null, nanoUsd: null };

/** When each item expires that a file leaves in the table, by its key; undefined for one that stays. */
const expiriesOf = async (retention: { retentionDays?: number }) => {
  const table = await openTable();
  const files = makeDynamoFileStore(table, { ...retention, now: () => NOW });
  const spend = makeDynamoSpendStore({ ...table, once: table.client, ...retention, now: () => NOW });
  await files.create(makePromptFile({ id: 'file_1' }));
  await files.createBlock(makeBlock({ fileId: 'file_1' }));
  await files.noteNewest('prompts/a.csv', '0A', 'file_1');
  await spend.reserve({ fileId: 'file_1' }, { tokens: 1, nanoUsd: 1 }, NO_LIMITS);
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.table }));
  await table.close();
  return Object.fromEntries(
    Items.map((item) => unmarshall(item)).map(({ pk, sk, expires_at }) => [`${pk} ${sk}`, expires_at]),
  );
};

test('items of a file expire after twice the retention, as its objects do', async () => {
  const at = NOW / 1_000 + 60 * 86_400;
  expect(await expiriesOf({ retentionDays: 30 })).toEqual({
    'FILE#file_1 FILE': at,
    'FILE#file_1 BLOCK#000000': at,
    'KEY#prompts/a.csv KEY': at,
    'SPEND#FILE#file_1 SPEND': at,
  });
});

test('items of a file stay without a retention', async () => {
  const expiries = await expiriesOf({});
  expect(Object.keys(expiries)).toHaveLength(4);
  expect(Object.values(expiries)).toEqual([undefined, undefined, undefined, undefined]);
});
