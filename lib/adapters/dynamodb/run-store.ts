import type { RunChange, RunCondition, RunStore } from '../../runs/ports.ts';
import { FIXED_SHARDS, type Shards } from '../../runs/shards.ts';
import { ttlSeconds } from './expiry.ts';
import { attributesOf, pendingAttribute, runOf } from './run-item.ts';
import { getItem, type Key, putIfAbsent, type TableClient, updateItem } from './table.ts';
import { dueAttributes, leasedUpdate, type Update } from './update.ts';

const keyOf = (id: string): Key => ({ pk: `RUN#${id}`, sk: 'RUN' });

/** Stores runs as items in DynamoDB. Each write touches one item, and each change is conditioned on what was read. */
export const makeDynamoRunStore = (
  table: TableClient,
  shards: Pick<Shards, 'due'> = FIXED_SHARDS,
): RunStore => ({
  create: (run) =>
    putIfAbsent(table, {
      ...keyOf(run.id),
      ...attributesOf(run),
      ...dueAttributes(keyOf(run.id).pk, run.dueAt, shards),
    }),

  get: async (id) => {
    const item = await getItem(table, keyOf(id));
    return item && runOf(item);
  },

  change: async (id, change, condition) => {
    const item = await updateItem(table, keyOf(id), updateOf(id, change, condition, shards));
    return item && runOf(item);
  },
});

const updateOf = (
  id: string,
  change: RunChange,
  condition: RunCondition,
  shards: Pick<Shards, 'due'>,
): Update => {
  const update = leasedUpdate(keyOf(id).pk, change, condition, shards);
  const { lease: _lease, dueTries: _dueTries, expiresAt, ...plain } = change;
  for (const [name, value] of Object.entries(attributesOf(plain))) update.set(name, value);
  if (expiresAt !== undefined) update.set('expires_at', ttlSeconds(expiresAt));
  if (condition.pending !== undefined) update.equals('pending', pendingAttribute(condition.pending));
  return update;
};
