import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type FileChange,
  type FileCondition,
  type FileStore,
  type PromptFile,
  sequencerOrder,
} from '../../files/prompt-file.ts';
import type { FileCounts } from '../../files/work/file-counts.ts';
import { dueShardOf } from '../../runs/due.ts';
import { blockAttributes, blockOf, countNames, fileAttributes, fileOf, LINE_ERROR } from './file-item.ts';
import { listFileIds } from './file-list.ts';
import type { TableClient } from './run-store.ts';
import { ifHolds } from './table.ts';
import { Update } from './update.ts';

type Item = Record<string, unknown>;
type Key = { pk: string; sk: string };

const fileKey = (id: string): Key => ({ pk: `FILE#${id}`, sk: 'FILE' });
const blockKey = (id: string, number: number): Key => ({
  pk: `FILE#${id}`,
  sk: `BLOCK#${String(number).padStart(6, '0')}`,
});
const newestKey = (key: string): Key => ({ pk: `KEY#${key}`, sk: 'KEY' });

/** FILE, BLOCK and KEY items in DynamoDB, by single-item conditional writes. */
export const makeDynamoFileStore = (table: TableClient): FileStore => {
  const put = putIfAbsent(table);
  const update = updateItem(table);
  const get = getItem(table);
  return {
    create: (file) =>
      put({
        ...fileKey(file.id),
        ...fileAttributes(file),
        ...dueAttributes(fileKey(file.id).pk, file),
        list_pk: `FILE#${file.caller}`,
        list_sk: `${file.createdAt}#${file.id}`,
      }),
    get: async (id) => fileOf(await get(fileKey(id))),
    change: async (id, change, condition) =>
      fileOf(await update(fileKey(id), fileUpdate(id, change, condition))),
    list: async (query) => {
      const { ids, nextCursor } = await listFileIds(table, query);
      const found = await Promise.all(ids.map(async (id) => fileOf(await get(fileKey(id)))));
      return { files: found.filter((file) => file !== undefined), nextCursor };
    },
    addFullBlock: async (id, block, counts) => {
      const key = fileKey(id);
      const added = await update(key, addOnce('full_blocks', block, counts));
      return present(fileOf(added ?? (await get(key))), id);
    },
    createBlock: (block) =>
      put({
        ...blockKey(block.fileId, block.number),
        ...blockAttributes(block),
        ...dueAttributes(fileKey(block.fileId).pk, block),
      }),
    getBlock: async (id, number) => blockOf(await get(blockKey(id, number))),
    changeBlock: async (id, number, { dueAt, dueTries }, condition) => {
      const change = dueUpdate(fileKey(id).pk, dueAt, dueTries);
      if (condition.dueAt !== undefined) change.equals('due_at', condition.dueAt);
      return blockOf(await update(blockKey(id, number), change));
    },
    addDone: async (id, number, line, { counts = {}, skipped = false, error } = {}) => {
      const key = blockKey(id, number);
      const add = addOnce('done', line, counts);
      if (skipped) add.addToSet('skipped', new Set([line]));
      if (error) add.set(`${LINE_ERROR}${line}`, error);
      const added = await update(key, add);
      const block = present(blockOf(added ?? (await get(key))), `${id} block ${number}`);
      return { block, isFirst: added !== undefined };
    },
    noteNewest: async (key, sequencer, fileId) => {
      const note = new Update();
      const order = sequencerOrder(sequencer);
      note.set('sequencer', order);
      note.set('file_id', fileId);
      note.absentOrBelow('sequencer', order);
      const noted = await update(newestKey(key), note, { create: true });
      return noted ? true : (await get(newestKey(key)))?.file_id === fileId;
    },
    newest: async (key) => (await get(newestKey(key)))?.file_id as string | undefined,
  };
};

const putIfAbsent =
  ({ client, table }: TableClient) =>
  async (item: Item): Promise<boolean> => {
    const put = new PutItemCommand({
      TableName: table,
      Item: marshall(item, { removeUndefinedValues: true }),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    return (await ifHolds(() => client.send(put))) !== undefined;
  };

const updateItem =
  ({ client, table }: TableClient) =>
  async (key: Key, update: Update, { create = false } = {}): Promise<Item | undefined> => {
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

const getItem =
  ({ client, table }: TableClient) =>
  async (key: Key): Promise<Item | undefined> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }),
    );
    return Item && unmarshall(Item);
  };

const present = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`${name} is not in the table`);
  return value;
};

const dueUpdate = (pk: string, dueAt: number | null | undefined, dueTries: number | undefined): Update => {
  const update = new Update();
  if (dueAt !== undefined) {
    update.set('due_at', dueAt);
    update.set('due_shard', dueAt === null ? null : dueShardOf(pk));
  }
  update.set('due_tries', dueTries);
  return update;
};

const fileUpdate = (id: string, change: FileChange, condition: FileCondition): Update => {
  const update = dueUpdate(fileKey(id).pk, change.dueAt, change.dueTries);
  update.set('status', change.status);
  update.set('etag', change.etag);
  update.set('size', change.size);
  update.set('sequencer', change.sequencer);
  update.set('lines', change.lines);
  update.set('refused', change.refused);
  update.set('blocks', change.blocks);
  update.set('rerun', change.rerun === undefined ? undefined : change.rerun || null);
  update.set('dry_run', change.dryRun === undefined ? undefined : change.dryRun || null);
  update.set('max_cost_usd', change.maxCostUsd);
  update.set('generating_at', change.generatingAt);
  update.set('sent_blocks', change.sentBlocks);
  update.set('stopped', change.stopped);
  update.set('batch', change.batch);
  update.set('ended_at', change.endedAt);
  update.set('error', change.error);
  update.set('pending', change.pending === undefined ? undefined : change.pending || null);
  if (change.lease !== undefined) {
    update.set('lease_token', change.lease?.token ?? null);
    update.set('lease_until', change.lease?.until ?? null);
  }
  if (condition.status) update.oneOf('status', condition.status);
  if (condition.leaseToken !== undefined) update.equals('lease_token', condition.leaseToken);
  if (condition.leaseBefore !== undefined) update.absentOrBelow('lease_until', condition.leaseBefore);
  if (condition.dueAt !== undefined) update.equals('due_at', condition.dueAt);
  if (condition.sentBlocks !== undefined) update.equals('sent_blocks', condition.sentBlocks);
  if (condition.stopped === false) update.equals('stopped', null);
  return update;
};

const dueAttributes = (pk: string, { dueAt }: Pick<PromptFile, 'dueAt'>): Item =>
  dueAt === null ? {} : { due_at: dueAt, due_shard: dueShardOf(pk) };

/** A member of a set and what it counts for, in one write that only its first time is applied. */
const addOnce = (set: string, member: number, counts: Partial<FileCounts>): Update => {
  const add = new Update();
  add.addToSet(set, new Set([member]));
  for (const [name, value] of Object.entries(countNames(counts))) {
    if (value !== 0) add.add(name, value);
  }
  add.lacks(set, member);
  return add;
};
