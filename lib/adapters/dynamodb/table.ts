import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { clientOptions, withUnreadableRetry } from '../aws/client-options.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import type { Update } from './update.ts';

export type TableClient = { client: DynamoDBClient; table: string };
export type Key = { pk: string; sk: string };
export type Item = Record<string, unknown>;

export const makeDynamoDB = () => withUnreadableRetry(new DynamoDBClient(clientOptions()));

/** A client for writes that must not be applied twice: it makes one attempt. */
export const makeDynamoDBOnce = (limits?: { silenceMs: number }) =>
  new DynamoDBClient({ ...clientOptions(limits), maxAttempts: 1 });

/** The result of a conditional write; undefined when its condition failed and nothing was written. */
export const ifHolds = async <Answer>(write: () => Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

/** Reads an item; undefined when there is none. A read that is not `consistent` may lag, and costs half as much. */
export const getItem = async (
  { client, table }: TableClient,
  key: Key,
  { consistent = true }: { consistent?: boolean } = {},
): Promise<Item | undefined> => {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: consistent }),
  );
  return Item && unmarshall(Item);
};

/** Creates an item, without its undefined attributes. Resolves to false, writing nothing, when the key exists. */
export const putIfAbsent = async ({ client, table }: TableClient, item: Key & Item): Promise<boolean> => {
  const put = new PutItemCommand({
    TableName: table,
    Item: marshall(item),
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return (await ifHolds(() => client.send(put))) !== undefined;
};

/** Deletes an item, if there is one and `condition` holds. */
export const deleteItem = async (
  { client, table }: TableClient,
  key: Key,
  condition?: { name: string; is: unknown },
): Promise<void> => {
  const command = new DeleteItemCommand({
    TableName: table,
    Key: marshall(key),
    ...(condition && {
      ConditionExpression: '#name = :is',
      ExpressionAttributeNames: { '#name': condition.name },
      ExpressionAttributeValues: marshall({ ':is': condition.is }),
    }),
  });
  await ifHolds(() => client.send(command));
};

/** Replaces an item if an attribute of it still is what was read. Resolves to whether it did. */
export const replaceItem = async (
  { client, table }: TableClient,
  item: Key & Item,
  condition: { name: string; is: unknown },
): Promise<boolean> => {
  const put = new PutItemCommand({
    TableName: table,
    Item: marshall(item),
    ConditionExpression: '#name = :is',
    ExpressionAttributeNames: { '#name': condition.name },
    ExpressionAttributeValues: marshall({ ':is': condition.is }),
  });
  return (await ifHolds(() => client.send(put))) !== undefined;
};

/**
 * Updates an item and returns it as it is afterwards. Undefined when a condition failed, or when the item does not
 * exist and `create` is false.
 */
export const updateItem = async (
  { client, table }: TableClient,
  key: Key,
  update: Update,
  { create = false } = {},
): Promise<Item | undefined> => {
  if (!create) update.require('attribute_exists(pk)');
  const command = new UpdateItemCommand({
    TableName: table,
    Key: marshall(key),
    ReturnValues: 'ALL_NEW',
    ...update.expressions(),
  });
  const answer = await ifHolds(() => client.send(command));
  return answer?.Attributes && unmarshall(answer.Attributes);
};
