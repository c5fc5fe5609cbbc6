import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Block, FileChange, FileCondition, FileStore, PromptFile } from '../prompts/prompt-file.ts';
import { dueShardOf } from '../runs/due.ts';
import type { TableClient } from './dynamodb-run-store.ts';
import { Update } from './dynamodb-update.ts';

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
        list_pk: `FILE#${file.caller}`,
        list_sk: `${file.createdAt}#${file.id}`,
      }),
    get: async (id) => fileOf(await get(fileKey(id))),
    change: async (id, change, condition) =>
      fileOf(await update(fileKey(id), fileUpdate(id, change, condition))),
    addFullBlock: async (id, block) => {
      const add = new Update();
      add.addToSet('full_blocks', new Set([block]));
      return present(fileOf(await update(fileKey(id), add)), id);
    },
    createBlock: (block) => put({ ...blockKey(block.fileId, block.number), ...blockAttributes(block) }),
    getBlock: async (id, number) => blockOf(await get(blockKey(id, number))),
    changeBlock: async (id, number, { dueAt, dueTries }, condition) => {
      const change = dueUpdate(fileKey(id).pk, dueAt, dueTries);
      if (condition.dueAt !== undefined) change.equals('due_at', condition.dueAt);
      return blockOf(await update(blockKey(id, number), change));
    },
    addDone: async (id, number, line) => {
      const add = new Update();
      add.addToSet('done', new Set([line]));
      return present(blockOf(await update(blockKey(id, number), add)), `${id} block ${number}`);
    },
    noteNewest: async (key, sequencer, fileId) => {
      const note = new Update();
      // S3's rule for sequencers of one key: padded with zeros on the right, they compare as text.
      const order = sequencer.toUpperCase().padEnd(32, '0');
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
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: marshall(item, { removeUndefinedValues: true }),
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

const updateItem =
  ({ client, table }: TableClient) =>
  async (key: Key, update: Update, { create = false } = {}): Promise<Item | undefined> => {
    if (!create) update.require('attribute_exists(pk)');
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall(key),
          ReturnValues: 'ALL_NEW',
          ...update.expressions(),
        }),
      );
      return Attributes && unmarshall(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
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
  update.set('lines', change.lines);
  update.set('blocks', change.blocks);
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
  return update;
};

const dueAttributes = (pk: string, { dueAt, dueTries }: Pick<PromptFile, 'dueAt' | 'dueTries'>): Item => ({
  due_tries: dueTries,
  ...(dueAt !== null && { due_at: dueAt, due_shard: dueShardOf(pk) }),
});

const fileAttributes = (file: PromptFile): Item => ({
  id: file.id,
  caller: file.caller,
  key: file.key,
  etag: file.etag,
  sequencer: file.sequencer,
  size: file.size,
  status: file.status,
  created_at: file.createdAt,
  lines: file.lines,
  blocks: file.blocks,
  ...dueAttributes(fileKey(file.id).pk, file),
});

export const fileOf = (item: Item | undefined): PromptFile | undefined =>
  item && {
    id: item.id as string,
    caller: item.caller as string,
    key: item.key as string,
    etag: item.etag as string,
    sequencer: item.sequencer as string,
    size: item.size as number,
    status: item.status as PromptFile['status'],
    createdAt: item.created_at as string,
    lines: item.lines as number,
    blocks: item.blocks as number,
    fullBlocks: [...((item.full_blocks as Set<number> | undefined) ?? [])],
    lease:
      item.lease_token === undefined
        ? null
        : { token: item.lease_token as string, until: item.lease_until as number },
    pending: item.pending === true,
    dueAt: (item.due_at as number | undefined) ?? null,
    dueTries: (item.due_tries as number | undefined) ?? 0,
    error: (item.error as PromptFile['error'] | undefined) ?? null,
  };

const blockAttributes = (block: Block): Item => ({
  file_id: block.fileId,
  number: block.number,
  first_line: block.firstLine,
  lines: block.lines,
  start: block.start,
  end: block.end,
  ...dueAttributes(fileKey(block.fileId).pk, block),
});

export const blockOf = (item: Item | undefined): Block | undefined =>
  item && {
    fileId: item.file_id as string,
    number: item.number as number,
    firstLine: item.first_line as number,
    lines: item.lines as number,
    start: item.start as number,
    end: item.end as number,
    done: [...((item.done as Set<number> | undefined) ?? [])],
    dueAt: (item.due_at as number | undefined) ?? null,
    dueTries: (item.due_tries as number | undefined) ?? 0,
  };
