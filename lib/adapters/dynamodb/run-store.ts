import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { InvalidInputError } from '../../errors.ts';
import { dueShardOf } from '../../runs/due.ts';
import { isRunId } from '../../runs/keys.ts';
import type { DueIndex, DueItem, ListQuery, RunChange, RunCondition, RunStore } from '../../runs/ports.ts';
import type { Run } from '../../runs/run.ts';
import { attributesOf, listedRunOf, pendingAttribute, runOf } from './run-item.ts';
import { ifHolds } from './table.ts';
import { Update } from './update.ts';

export type TableClient = { client: DynamoDBClient; table: string };

const keyOf = (id: string) => ({ pk: `RUN#${id}`, sk: 'RUN' });
const MARSHALL = { removeUndefinedValues: true };

/** RUN items in DynamoDB. One item a write, every write but the first conditioned on what was read. */
export const makeDynamoRunStore = ({ client, table }: TableClient): RunStore => ({
  create: async (run) => {
    const put = new PutItemCommand({
      TableName: table,
      Item: marshall({ ...keyOf(run.id), ...attributesOf(run), ...indexKeysOf(run) }, MARSHALL),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    return (await ifHolds(() => client.send(put))) !== undefined;
  },

  get: async (id) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: marshall(keyOf(id)), ConsistentRead: true }),
    );
    return Item && runOf(unmarshall(Item));
  },

  change: async (id, change, condition) => {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: marshall(keyOf(id)),
      ReturnValues: 'ALL_NEW',
      ...updateOf(id, change, condition).expressions(),
    });
    const answer = await ifHolds(() => client.send(update));
    return answer?.Attributes && runOf(unmarshall(answer.Attributes));
  },

  list: (query) => listRuns({ client, table }, query),
});

const indexKeysOf = (run: Run) => ({
  list_pk: `RUN#${run.caller}`,
  list_sk: `${run.createdAt}#${run.id}`,
  ...(run.dueAt === null ? {} : { due_shard: dueShardOf(keyOf(run.id).pk), due_at: run.dueAt }),
});

const updateOf = (id: string, change: RunChange, condition: RunCondition): Update => {
  const update = new Update();
  const { dueAt, lease, expiresAt, ...plain } = change;
  for (const [name, value] of Object.entries(attributesOf(plain))) update.set(name, value);
  if (lease !== undefined) {
    update.set('lease_token', lease?.token ?? null);
    update.set('lease_until', lease?.until ?? null);
  }
  if (dueAt !== undefined) {
    update.set('due_at', dueAt);
    update.set('due_shard', dueAt === null ? null : dueShardOf(keyOf(id).pk));
  }
  if (expiresAt !== undefined) update.set('expires_at', Math.ceil(expiresAt / 1_000)); // of TTL, which takes seconds
  update.require('attribute_exists(pk)');
  if (condition.status) update.oneOf('status', condition.status);
  if (condition.leaseToken !== undefined) update.equals('lease_token', condition.leaseToken);
  if (condition.leaseBefore !== undefined) update.absentOrBelow('lease_until', condition.leaseBefore);
  if (condition.dueAt !== undefined) update.equals('due_at', condition.dueAt);
  if (condition.pending !== undefined) update.equals('pending', pendingAttribute(condition.pending));
  return update;
};

const PAGE = 100;

const listRuns = async ({ client, table }: TableClient, query: ListQuery) => {
  const listPk = `RUN#${query.caller}`;
  let start = query.cursor === undefined ? undefined : startOf(query, query.cursor, listPk);
  const found: Record<string, unknown>[] = [];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        Limit: PAGE,
        ...listExpressions(listPk, query),
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    start = page.LastEvaluatedKey;
  } while (start && found.length <= query.limit);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const more = found.length > query.limit || start !== undefined;
  return {
    runs: items.map(listedRunOf),
    nextCursor: more && last ? Buffer.from(`${last.list_sk}`).toString('base64url') : null,
  };
};

/**
 * A cursor is the last item's sort key: the caller's partition is never taken from it. DynamoDB refuses one from
 * outside the times that are asked for.
 */
const startOf = ({ since, until }: ListQuery, cursor: string, listPk: string) => {
  const listSk = Buffer.from(cursor, 'base64url').toString();
  const [, createdAt = '', id = ''] = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z)#(run_[0-9a-z]+)$/.exec(listSk) ?? [];
  const isWithin = (since === undefined || createdAt >= since) && (until === undefined || createdAt < until);
  if (!isRunId(id) || !isWithin) {
    throw new InvalidInputError([
      { path: 'cursor', message: 'is not one that a list gave out; begin without a cursor' },
    ]);
  }
  return marshall({ list_pk: listPk, list_sk: listSk, ...keyOf(id) });
};

const listExpressions = (listPk: string, query: ListQuery) => {
  const names: Record<string, string> = { '#status': 'status' };
  const values: Record<string, unknown> = {
    ':pk': listPk,
    ':from': query.since ?? '0',
    ':to': query.until ?? '~', // every ISO instant sorts before it
  };
  const filters: string[] = [];
  const equal = (path: string[], value: unknown, at: string) => {
    path.forEach((part, depth) => {
      names[`#${at}${depth}`] = part;
    });
    values[`:${at}`] = value;
    filters.push(`${path.map((_, depth) => `#${at}${depth}`).join('.')} = :${at}`);
  };
  values[':status'] = query.status ?? 'deleted';
  filters.push(query.status ? '#status = :status' : '#status <> :status');
  if (query.model !== undefined) equal(['model'], query.model, 'model');
  if (query.file !== undefined) equal(['file', 'fileId'], query.file, 'file');
  if (query.label !== undefined) {
    names['#labels'] = 'labels';
    values[':label'] = query.label;
    filters.push('contains(#labels, :label)');
  }
  Object.entries(query.metadata ?? {}).forEach(([key, value], at) => {
    equal(['metadata', key], value, `m${at}x`);
  });
  return {
    IndexName: 'list',
    ScanIndexForward: false,
    KeyConditionExpression: 'list_pk = :pk AND list_sk BETWEEN :from AND :to',
    FilterExpression: filters.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: marshall(values),
  };
};

/** The sparse `due` index; it may lag, so whoever uses it reads the item itself before acting. */
export const makeDynamoDueIndex = ({ client, table }: TableClient): DueIndex => ({
  due: async function* (shard, before) {
    const pages = paginateQuery(
      { client, pageSize: PAGE },
      {
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'due_shard = :shard AND due_at <= :before',
        ExpressionAttributeValues: marshall({ ':shard': shard, ':before': before }),
      },
    );
    for await (const { Items = [] } of pages) {
      yield Items.map((item) => unmarshall(item)).map(
        ({ pk, sk, due_at: dueAt }): DueItem => ({ pk, sk, dueAt }),
      );
    }
  },
});
