import { paginateQuery } from '@aws-sdk/client-dynamodb';
import type { ApiKey, KeyStore } from '../../keys/api-key.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { getItem, type Item, type Key, putIfAbsent, type TableClient, updateItem } from './table.ts';
import { Update } from './update.ts';

const LIST_PK = 'APIKEY';
const keyOf = (sha256: string): Key => ({ pk: `APIKEY#${sha256}`, sk: 'KEY' });

/** Stores API keys as items in DynamoDB. `get` is strongly consistent; `list` finds keys through the `list` index. */
export const makeDynamoKeyStore = (table: TableClient): KeyStore => {
  const get: KeyStore['get'] = async (sha256) => apiKeyOf(await getItem(table, keyOf(sha256)));
  return {
    create: ({ sha256, caller, operator, disabled, createdAt }) =>
      putIfAbsent(table, {
        ...keyOf(sha256),
        caller,
        ...(operator && { operator }),
        disabled,
        created_at: createdAt,
        list_pk: LIST_PK,
        list_sk: `${caller}#${createdAt}#${sha256}`,
      }),
    get,
    disable: async (sha256) => {
      const update = new Update();
      update.set('disabled', true);
      return apiKeyOf(await updateItem(table, keyOf(sha256), update));
    },
    list: async (caller) => {
      const found: ApiKey[] = [];
      // The index is eventually consistent, so the keys themselves are read from their items.
      for (const sha256 of await listed(table, caller)) {
        const key = await get(sha256);
        if (key) found.push(key);
      }
      return found;
    },
  };
};

/** The sha256 of all keys, or of one caller's keys, in the order of the index. */
const listed = async ({ client, table }: TableClient, caller: string | undefined): Promise<string[]> => {
  const found: string[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: 'list',
      KeyConditionExpression:
        caller === undefined ? 'list_pk = :pk' : 'list_pk = :pk AND begins_with(list_sk, :caller)',
      ExpressionAttributeValues: marshall({
        ':pk': LIST_PK,
        ...(caller !== undefined && { ':caller': `${caller}#` }),
      }),
    },
  );
  for await (const { Items = [] } of pages) found.push(...Items.map((item) => sha256Of(unmarshall(item))));
  return found;
};

const sha256Of = ({ pk }: Item): string => (pk as string).slice('APIKEY#'.length);

// Fails closed: an item without an explicit `disabled: false` is disabled.
const apiKeyOf = (item: Item | undefined): ApiKey | undefined =>
  item && {
    sha256: sha256Of(item),
    caller: item.caller as string,
    ...(item.operator === true && { operator: true }),
    disabled: item.disabled !== false,
    createdAt: item.created_at as string,
  };
