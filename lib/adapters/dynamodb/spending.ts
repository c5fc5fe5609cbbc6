import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Spent } from '../../budget/amount.ts';
import type { Account, BudgetStore, SpendStore, SpentFor, Sums } from '../../budget/ports.ts';
import { marshall } from './attribute-value.ts';
import { DAY_SECONDS, fileExpiry, type Retention } from './expiry.ts';
import { deleteItem, getItem, type Item, ifHolds, type Key, putIfAbsent, type TableClient } from './table.ts';
import { Update } from './update.ts';

const budgetKey = (caller: string): Key => ({ pk: `BUDGET#${caller}`, sk: 'BUDGET' });

/** Stores budgets as items in DynamoDB, one for each caller with a budget. Only an operator writes them. */
export const makeDynamoBudgetStore = ({ client, table }: TableClient): BudgetStore => ({
  get: async (caller) => {
    const item = await getItem({ client, table }, budgetKey(caller));
    return (
      item && {
        tokens: (item.tokens as number | null | undefined) ?? null,
        costUsd: (item.cost_usd as number | null | undefined) ?? null,
      }
    );
  },

  set: async (caller, budget) => {
    if (budget === undefined) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: marshall(budgetKey(caller)) }));
      return;
    }
    const item = { ...budgetKey(caller), caller, tokens: budget.tokens, cost_usd: budget.costUsd };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
  },
});

const KEEP_DAYS = 35;

const keyOf = (account: Account): Key =>
  'fileId' in account
    ? { pk: `SPEND#FILE#${account.fileId}`, sk: 'SPEND' }
    : { pk: `SPEND#CALLER#${account.caller}`, sk: account.day };

/** When DynamoDB's TTL may delete the sums of a day or a file, in seconds since the epoch; undefined: never. */
const expiresAt = (account: Account, retention: Retention): number | undefined =>
  'fileId' in account ? fileExpiry(retention) : Date.parse(account.day) / 1000 + KEEP_DAYS * DAY_SECONDS;

/**
 * Stores the sums of spent tokens and cost as items in DynamoDB. `once` is a client without retries: adding to a sum is
 * not idempotent, so an update whose response was lost must not be sent again.
 */
export const makeDynamoSpendStore = ({
  client,
  once,
  table,
  ...retention
}: TableClient & Retention & { once: DynamoDBClient }): SpendStore => ({
  reserve: async (account, { tokens, nanoUsd }, limits, spentFor) => {
    if (isOver(tokens, limits.tokens) || isOver(nanoUsd, limits.nanoUsd)) return false;
    const update = adding(account, { tokens, nanoUsd }, { spentFor, retention });
    if (limits.tokens !== null) update.absentOrAtMost('tokens', limits.tokens - tokens);
    if (limits.nanoUsd !== null) update.absentOrAtMost('nano_usd', limits.nanoUsd - nanoUsd);
    const answer = await ifHolds(() => client.send(commandOf(table, account, update)));
    return answer !== undefined;
  },

  adjust: async (account, difference, spentFor) => {
    await once.send(commandOf(table, account, adding(account, difference, { spentFor, retention })));
  },

  get: async (account) => {
    const item = await getItem({ client, table }, keyOf(account));
    return item && sumsOf(item);
  },

  replace: async (account, { tokens, nanoUsd, requests }, read) => {
    const item = {
      ...keyOf(account),
      tokens,
      nano_usd: nanoUsd,
      ...(requests && { requests_tokens: requests.tokens, requests_nano_usd: requests.nanoUsd }),
      expires_at: expiresAt(account, retention),
    };
    if (read === undefined) return putIfAbsent({ client, table }, item);
    const put = new PutItemCommand({
      TableName: table,
      Item: marshall(item),
      ConditionExpression: 'tokens = :tokens AND nano_usd = :nano',
      ExpressionAttributeValues: marshall({ ':tokens': read.tokens, ':nano': read.nanoUsd }),
    });
    return (await ifHolds(() => client.send(put))) !== undefined;
  },

  remove: (account) => deleteItem({ client, table }, keyOf(account)),
});

const isOver = (amount: number, limit: number | null): boolean => limit !== null && amount > limit;

const adding = (
  account: Account,
  { tokens, nanoUsd }: Spent,
  { spentFor, retention }: { spentFor: SpentFor | undefined; retention: Retention },
): Update => {
  const update = new Update();
  update.add('tokens', tokens);
  update.add('nano_usd', nanoUsd);
  if (spentFor === 'requests') {
    update.add('requests_tokens', tokens);
    update.add('requests_nano_usd', nanoUsd);
  }
  update.set('expires_at', expiresAt(account, retention));
  return update;
};

const commandOf = (table: string, account: Account, update: Update) =>
  new UpdateItemCommand({ TableName: table, Key: marshall(keyOf(account)), ...update.expressions() });

const sumsOf = (item: Item): Sums => ({
  tokens: item.tokens as number,
  nanoUsd: item.nano_usd as number,
  ...(item.requests_tokens !== undefined && {
    requests: { tokens: item.requests_tokens as number, nanoUsd: item.requests_nano_usd as number },
  }),
});
