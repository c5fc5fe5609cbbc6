import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Spent } from '../../budget/amount.ts';
import type { Account, SpendStore } from '../../budget/ports.ts';
import type { TableClient } from './run-store.ts';
import { ifHolds } from './table.ts';
import { Update } from './update.ts';

const KEEP_DAYS = 35;
const DAY_SECONDS = 86_400;

const keyOf = (account: Account) =>
  'fileId' in account
    ? { pk: `SPEND#FILE#${account.fileId}`, sk: 'SPEND' }
    : { pk: `SPEND#CALLER#${account.caller}`, sk: account.day };

/** Seconds since the epoch at which DynamoDB may drop a day's sums; a file's stay. */
const expiresAt = (account: Account): number | undefined =>
  'fileId' in account ? undefined : Date.parse(account.day) / 1000 + KEEP_DAYS * DAY_SECONDS;

/**
 * SPEND items in DynamoDB. `once` is a client that makes one attempt: a sum that may have been changed is not changed
 * again.
 */
export const makeDynamoSpendStore = ({
  client,
  once,
  table,
}: TableClient & { once: DynamoDBClient }): SpendStore => ({
  reserve: async (account, { tokens, nanoUsd }, limits) => {
    if (isOver(tokens, limits.tokens) || isOver(nanoUsd, limits.nanoUsd)) return false;
    const update = adding(account, { tokens, nanoUsd });
    if (limits.tokens !== null) update.absentOrAtMost('tokens', limits.tokens - tokens);
    if (limits.nanoUsd !== null) update.absentOrAtMost('nano_usd', limits.nanoUsd - nanoUsd);
    const answer = await ifHolds(() => client.send(commandOf(table, account, update)));
    return answer !== undefined;
  },

  adjust: async (account, difference) => {
    await once.send(commandOf(table, account, adding(account, difference)));
  },

  get: async (account) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: marshall(keyOf(account)), ConsistentRead: true }),
    );
    return Item && spentOf(unmarshall(Item));
  },

  replace: async (account, { tokens, nanoUsd }, read) => {
    const expires = expiresAt(account);
    const isAsRead =
      read === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: 'tokens = :tokens AND nano_usd = :nano',
            ExpressionAttributeValues: marshall({ ':tokens': read.tokens, ':nano': read.nanoUsd }),
          };
    const item = { ...keyOf(account), tokens, nano_usd: nanoUsd, ...(expires && { expires_at: expires }) };
    const put = new PutItemCommand({ TableName: table, Item: marshall(item), ...isAsRead });
    return (await ifHolds(() => client.send(put))) !== undefined;
  },
});

const isOver = (amount: number, limit: number | null): boolean => limit !== null && amount > limit;

const adding = (account: Account, { tokens, nanoUsd }: Spent): Update => {
  const update = new Update();
  update.add('tokens', tokens);
  update.add('nano_usd', nanoUsd);
  update.set('expires_at', expiresAt(account));
  return update;
};

const commandOf = (table: string, account: Account, update: Update) =>
  new UpdateItemCommand({ TableName: table, Key: marshall(keyOf(account)), ...update.expressions() });

const spentOf = (item: Record<string, unknown>): Spent => ({
  tokens: item.tokens as number,
  nanoUsd: item.nano_usd as number,
});
