import { PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../async/clock.ts';
import { inBatches } from '../../async/in-batches.ts';
import {
  STREAM_BLOCK_MS,
  type StreamBlock,
  type StreamBlocks,
  type StreamPlace,
} from '../../runs/stream-blocks.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { ttlSeconds } from './expiry.ts';
import { deleteItem, type Item, type Key, type TableClient } from './table.ts';

const AT_ONCE = 10;
const DIGITS = 6;

const partition = (runId: string): string => `STREAM#${runId}`;

const placeKey = ({ attempt, index, number }: StreamPlace): string =>
  [attempt, index, number].map((part) => String(part).padStart(DIGITS, '0')).join('-');

const keyOf = (block: StreamBlock): Key => ({ pk: partition(block.runId), sk: placeKey(block) });

const blockOf = ({ pk, sk, caller, chunks }: Item): StreamBlock => {
  const [attempt = 0, index = 0, number = 0] = (sk as string).split('-').map(Number);
  const runId = (pk as string).slice(partition('').length);
  return { runId, caller: caller as string, attempt, index, number, chunks: chunks as string };
};

/** Stores the blocks of running streams as items in DynamoDB, which its TTL deletes a day after they are written. */
export const makeDynamoStreamBlocks = (
  { client, table }: TableClient,
  clock: Pick<Clock, 'now'>,
): StreamBlocks => {
  const query = (runId: string, after: StreamPlace | undefined, projection?: string) =>
    paginateQuery(
      { client },
      {
        TableName: table,
        // Every place begins with a digit, and sorts before '~'.
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        // The shortest key after a place, since no place is the beginning of another.
        ExpressionAttributeValues: marshall({
          ':pk': partition(runId),
          ':from': after ? `${placeKey(after)}-` : '0',
          ':to': '~',
        }),
        ConsistentRead: true,
        ...(projection !== undefined && { ProjectionExpression: projection }),
      },
    );
  return {
    put: async (block) => {
      const { caller, chunks } = block;
      const expiresAt = ttlSeconds(clock.now() + STREAM_BLOCK_MS);
      const item = { ...keyOf(block), caller, chunks, expires_at: expiresAt };
      await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
    },
    read: async function* (runId, after) {
      for await (const { Items = [] } of query(runId, after)) {
        if (Items.length > 0) yield Items.map((item) => blockOf(unmarshall(item)));
      }
    },
    delete: async (runId) => {
      for await (const { Items = [] } of query(runId, undefined, 'pk, sk')) {
        const keys = Items.map((item) => unmarshall(item) as Key);
        await inBatches(keys, AT_ONCE, (key) => deleteItem({ client, table }, key));
      }
    },
  };
};
