import { paginateQuery } from '@aws-sdk/client-dynamodb';
import type { CallerList, KeyCounts } from '../../keys/api-key.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { type TableClient, updateItem } from './table.ts';
import { Update } from './update.ts';

const PK = 'CALLERS';

/**
 * Keeps callers as items of one partition, which is read whole: one takes some 100 bytes. A process enters each once.
 */
export const makeDynamoCallerList = (table: TableClient): CallerList => {
  const entered = new Set<string>();
  const write = async (caller: string, keys?: KeyCounts): Promise<void> => {
    const update = new Update();
    update.set('caller', caller);
    update.set('keys', keys);
    await updateItem(table, { pk: PK, sk: caller }, update, { create: true });
    entered.add(caller);
  };
  return {
    enter: async (caller) => {
      if (!entered.has(caller)) await write(caller);
    },
    noteKeys: write,
    all: async () => {
      const found: { caller: string; keys: KeyCounts | null }[] = [];
      const query = {
        TableName: table.table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': PK }),
        ConsistentRead: true,
      };
      for await (const { Items = [] } of paginateQuery({ client: table.client }, query))
        for (const { sk, keys } of Items.map((item) => unmarshall(item)))
          found.push({ caller: sk as string, keys: (keys as KeyCounts | undefined) ?? null });
      return found;
    },
  };
};
