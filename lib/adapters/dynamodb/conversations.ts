import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Conversations, Turn } from '../../runs/conversations.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { DAY_SECONDS, ttlSeconds } from './expiry.ts';
import { deleteItem, type Item, type Key, type TableClient } from './table.ts';

const partition = (key: string): string => `TURN#${key}`;

const keyOf = (key: string, { id, createdAt }: Pick<Turn, 'id' | 'createdAt'>): Key => ({
  pk: partition(key),
  sk: `${createdAt}#${id}`,
});

const turnOf = ({ sk, conversation, answer }: Item): Turn => {
  const [createdAt = '', id = ''] = (sk as string).split('#');
  return {
    id,
    createdAt,
    conversation: (conversation as string | undefined) ?? null,
    answer: answer as string,
  };
};

/** Stores turns as small items in DynamoDB, sorted by time. Its TTL deletes them at the end of the runs' retention. */
export const makeDynamoConversations = (
  { client, table }: TableClient,
  { retentionDays }: { retentionDays?: number | undefined } = {},
): Conversations => ({
  newest: async (key, limit) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': partition(key) }),
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => turnOf(unmarshall(item)));
  },

  put: async (key, turn) => {
    const { conversation, answer, createdAt } = turn;
    const item = {
      ...keyOf(key, turn),
      answer,
      ...(conversation !== null && { conversation }),
      ...(retentionDays !== undefined && {
        expires_at: ttlSeconds(Date.parse(createdAt)) + retentionDays * DAY_SECONDS,
      }),
    };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
  },

  delete: (key, run) => deleteItem({ client, table }, keyOf(key, run)),
});
