import { isRunId } from '../../runs/keys.ts';
import type { ListQuery, RunChange, RunCondition, RunStore } from '../../runs/ports.ts';
import { attributeName, marshall } from './attribute-value.ts';
import { listPage, readCursor } from './indexes.ts';
import { attributesOf, listedRunOf, pendingAttribute, runOf } from './run-item.ts';
import { getItem, type Key, putIfAbsent, type TableClient, updateItem } from './table.ts';
import { dueAttributes, leasedUpdate, type Update } from './update.ts';

const keyOf = (id: string): Key => ({ pk: `RUN#${id}`, sk: 'RUN' });

/** Stores runs as items in DynamoDB. Each write touches one item, and each change is conditioned on what was read. */
export const makeDynamoRunStore = (table: TableClient): RunStore => ({
  create: (run) =>
    putIfAbsent(table, {
      ...keyOf(run.id),
      ...attributesOf(run),
      ...dueAttributes(keyOf(run.id).pk, run.dueAt),
      list_pk: `RUN#${run.caller}`,
      list_sk: `${run.createdAt}#${run.id}`,
    }),

  get: async (id) => {
    const item = await getItem(table, keyOf(id));
    return item && runOf(item);
  },

  change: async (id, change, condition) => {
    const item = await updateItem(table, keyOf(id), updateOf(id, change, condition));
    return item && runOf(item);
  },

  list: (query) => listRuns(table, query),
});

const updateOf = (id: string, change: RunChange, condition: RunCondition): Update => {
  const update = leasedUpdate(keyOf(id).pk, change, condition);
  const { lease: _lease, dueTries: _dueTries, expiresAt, ...plain } = change;
  for (const [name, value] of Object.entries(attributesOf(plain))) update.set(name, value);
  if (expiresAt !== undefined) update.set('expires_at', Math.ceil(expiresAt / 1_000)); // DynamoDB's TTL takes seconds
  if (condition.pending !== undefined) update.equals('pending', pendingAttribute(condition.pending));
  return update;
};

const listRuns = async (table: TableClient, query: ListQuery) => {
  const listPk = `RUN#${query.caller}`;
  const start = query.cursor === undefined ? undefined : startOf(query, query.cursor, listPk);
  const { items, nextCursor } = await listPage(table, listExpressions(listPk, query), {
    limit: query.limit,
    start,
  });
  return { runs: items.map(listedRunOf), nextCursor };
};

/** The start key of a cursor, refused here outside `since` and `until`, as DynamoDB would refuse it. */
const startOf = ({ since, until }: ListQuery, cursor: string, listPk: string) => {
  const isWithin = (createdAt: string) =>
    (since === undefined || createdAt >= since) && (until === undefined || createdAt < until);
  const { listSk, id } = readCursor(cursor, (createdAt, runId) => isRunId(runId) && isWithin(createdAt));
  return marshall({ list_pk: listPk, list_sk: listSk, ...keyOf(id) });
};

const listExpressions = (listPk: string, query: ListQuery) => {
  const names = new Map<string, string>();
  const values = new Map([
    [':pk', listPk],
    [':from', query.since ?? '0'],
    [':to', query.until ?? '~'], // every ISO instant sorts before it
  ]);
  const filters: string[] = [];
  const equal = (path: string[], value: string, at: string) => {
    path.forEach((part, depth) => {
      names.set(`#${at}${depth}`, attributeName(part));
    });
    values.set(`:${at}`, value);
    filters.push(`${path.map((_, depth) => `#${at}${depth}`).join('.')} = :${at}`);
  };
  if (query.status || !query.includesDeleted) {
    names.set('#status', 'status');
    values.set(':status', query.status ?? 'deleted');
    filters.push(query.status ? '#status = :status' : '#status <> :status');
  }
  if (query.model !== undefined) equal(['model'], query.model, 'model');
  if (query.file !== undefined) equal(['file', 'fileId'], query.file, 'file');
  if (query.label !== undefined) {
    names.set('#labels', 'labels');
    values.set(':label', query.label);
    filters.push('contains(#labels, :label)');
  }
  Object.entries(query.metadata ?? {}).forEach(([key, value], at) => {
    equal(['metadata', key], value, `m${at}x`);
  });
  return {
    KeyConditionExpression: 'list_pk = :pk AND list_sk BETWEEN :from AND :to',
    ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
    ...(names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
    ExpressionAttributeValues: marshall(Object.fromEntries(values)),
  };
};
