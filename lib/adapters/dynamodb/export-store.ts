import type { ExportChange, ExportCondition, ExportJob, ExportStore } from '../../export/job.ts';
import { readCursor } from '../../runs/list/cursor.ts';
import { FIXED_SHARDS, type Shards } from '../../runs/shards.ts';
import { marshall } from './attribute-value.ts';
import { ttlSeconds } from './expiry.ts';
import { listPage } from './indexes.ts';
import { getItem, type Item, type Key, putIfAbsent, type TableClient, updateItem } from './table.ts';
import { dueAttributes, leasedUpdate, leaseOf, type Update } from './update.ts';

const keyOf = (id: string): Key => ({ pk: `EXPORT#${id}`, sk: 'EXPORT' });
const listPkOf = (caller: string): string => `EXPORT#${caller}`;

/** Stores the records of exports as items in DynamoDB, listed by the index `list`. */
export const makeDynamoExportStore = (
  table: TableClient,
  shards: Pick<Shards, 'due'> = FIXED_SHARDS,
): ExportStore => {
  const get = async (id: string) => exportOf(await getItem(table, keyOf(id)));
  return {
    create: (job) =>
      putIfAbsent(table, {
        ...keyOf(job.id),
        ...{ id: job.id, caller: job.caller, status: job.status, created_at: job.createdAt },
        ...{ format: job.format, query: job.query, rows: job.rows, bytes: job.bytes },
        ...{ due_tries: job.dueTries, expires_at: ttlSeconds(job.expiresAt) },
        ...dueAttributes(keyOf(job.id).pk, job.dueAt, shards),
        ...{ list_pk: listPkOf(job.caller), list_sk: `${job.createdAt}#${job.id}` },
      }),
    get,
    change: async (id, change, condition) =>
      exportOf(await updateItem(table, keyOf(id), updateOf(id, change, condition, shards))),
    list: async ({ caller, limit, cursor }) => {
      const place =
        cursor === undefined ? undefined : readCursor(cursor, (_, id) => id.startsWith('export_'));
      const { items, nextCursor } = await listPage(
        table,
        {
          KeyConditionExpression: 'list_pk = :pk',
          FilterExpression: '#status <> :deleted',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: marshall({ ':pk': listPkOf(caller), ':deleted': 'deleted' }),
        },
        {
          limit,
          start:
            place && marshall({ list_pk: listPkOf(caller), list_sk: place.position, ...keyOf(place.id) }),
        },
      );
      const found = await Promise.all(items.map(({ id }) => get(id as string)));
      // The index lags: an export may have been deleted meanwhile.
      const kept = found.filter((job) => job !== undefined).filter(({ status }) => status !== 'deleted');
      return { exports: kept, nextCursor };
    },
  };
};

const updateOf = (
  id: string,
  change: ExportChange,
  condition: ExportCondition,
  shards: Pick<Shards, 'due'>,
): Update => {
  const update = leasedUpdate(keyOf(id).pk, change, condition, shards);
  update.set('status', change.status);
  update.set('query', change.query);
  update.set('rows', change.rows);
  update.set('bytes', change.bytes);
  update.set('ended_at', change.endedAt);
  update.set('error', change.error);
  update.set('attempts', change.attempts === 0 ? null : change.attempts);
  update.set('expires_at', change.expiresAt === undefined ? undefined : ttlSeconds(change.expiresAt));
  return update;
};

const exportOf = (item: Item | undefined): ExportJob | undefined =>
  item && {
    id: item.id as string,
    caller: item.caller as string,
    status: item.status as ExportJob['status'],
    createdAt: item.created_at as string,
    format: item.format as ExportJob['format'],
    query: (item.query as ExportJob['query'] | undefined) ?? null,
    rows: item.rows as number,
    bytes: item.bytes as number,
    endedAt: (item.ended_at as string | undefined) ?? null,
    error: (item.error as ExportJob['error'] | undefined) ?? null,
    lease: leaseOf(item),
    attempts: (item.attempts as number | undefined) ?? 0,
    dueAt: (item.due_at as number | undefined) ?? null,
    dueTries: (item.due_tries as number | undefined) ?? 0,
    expiresAt: (item.expires_at as number) * 1_000,
  };
