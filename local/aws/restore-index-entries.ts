import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { Table } from './template/stack-model.ts';

/**
 * Rewrites, unchanged, every item that belongs in a `KEYS_ONLY` index, and returns how many it wrote. dynalite updates
 * an item and its index entries one after the other, so a kill -9 in between leaves the item without its entry for
 * good. Call this at start, before anything else writes. These indexes are sparse: they hold the items with work left,
 * not the whole table.
 */
export const restoreIndexEntries = async (
  client: DynamoDBClient,
  { name, definition }: Table,
): Promise<number> => {
  const keysOnly = (definition.GlobalSecondaryIndexes ?? []).filter(
    ({ Projection }) => Projection?.ProjectionType === 'KEYS_ONLY',
  );
  let written = 0;
  for (const { KeySchema = [] } of keysOnly) {
    const keys = KeySchema.map(({ AttributeName = '' }) => AttributeName);
    const pages = paginateScan(
      { client },
      {
        TableName: name,
        FilterExpression: keys.map((_, at) => `attribute_exists(#k${at})`).join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(keys.map((key, at) => [`#k${at}`, key])),
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items as Record<string, AttributeValue>[]) {
        await client.send(new PutItemCommand({ TableName: name, Item: item }));
        written += 1;
      }
    }
  }
  return written;
};
