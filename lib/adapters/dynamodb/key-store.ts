import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ApiKey, KeyStore } from '../../keys/api-key.ts';
import type { TableClient } from './run-store.ts';
import { ifHolds } from './table.ts';

const LIST_PK = 'APIKEY';
const keyOf = (sha256: string) => marshall({ pk: `APIKEY#${sha256}`, sk: 'KEY' });

/** APIKEY items in DynamoDB. One key is read with a strongly consistent GetItem; lists come from the list index. */
export const makeDynamoKeyStore = (table: TableClient): KeyStore => ({
  create: (key) => putIfAbsent(table, key),
  get: (sha256) => getKey(table, sha256),
  disable: (sha256) => disableKey(table, sha256),
  list: async (caller) => {
    const found: ApiKey[] = [];
    // The index says which keys there are; what they are now is read from the items themselves.
    for (const sha256 of await listed(table, caller)) {
      const key = await getKey(table, sha256);
      if (key) found.push(key);
    }
    return found;
  },
});

const putIfAbsent = async ({ client, table }: TableClient, key: ApiKey): Promise<boolean> => {
  const { sha256, caller, disabled, createdAt } = key;
  const item = {
    caller,
    disabled,
    created_at: createdAt,
    list_pk: LIST_PK,
    list_sk: `${caller}#${createdAt}#${sha256}`,
  };
  const put = new PutItemCommand({
    TableName: table,
    Item: { ...keyOf(sha256), ...marshall(item) },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return (await ifHolds(() => client.send(put))) !== undefined;
};

const getKey = async ({ client, table }: TableClient, sha256: string): Promise<ApiKey | undefined> => {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(sha256), ConsistentRead: true }),
  );
  return Item && apiKeyOf(unmarshall(Item));
};

const disableKey = async ({ client, table }: TableClient, sha256: string): Promise<ApiKey | undefined> => {
  const update = new UpdateItemCommand({
    TableName: table,
    Key: keyOf(sha256),
    UpdateExpression: 'SET #disabled = :yes',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#disabled': 'disabled' },
    ExpressionAttributeValues: marshall({ ':yes': true }),
    ReturnValues: 'ALL_NEW',
  });
  const answer = await ifHolds(() => client.send(update));
  return answer?.Attributes && apiKeyOf(unmarshall(answer.Attributes));
};

/** The sha256 of all keys or of one caller's, in the order of the index. */
const listed = async ({ client, table }: TableClient, caller: string | undefined): Promise<string[]> => {
  const found: string[] = [];
  let start: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'list',
        KeyConditionExpression:
          caller === undefined ? 'list_pk = :pk' : 'list_pk = :pk AND begins_with(list_sk, :caller)',
        ExpressionAttributeValues: marshall({
          ':pk': LIST_PK,
          ...(caller !== undefined && { ':caller': `${caller}#` }),
        }),
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    found.push(...(page.Items ?? []).map((item) => sha256Of(unmarshall(item))));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
};

const sha256Of = ({ pk }: Record<string, unknown>): string => (pk as string).slice('APIKEY#'.length);

// What is not plainly enabled is disabled.
const apiKeyOf = (item: Record<string, unknown>): ApiKey => ({
  sha256: sha256Of(item),
  caller: item.caller as string,
  disabled: item.disabled !== false,
  createdAt: item.created_at as string,
});
