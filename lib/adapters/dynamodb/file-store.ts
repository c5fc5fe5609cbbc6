import type { FileCounts } from '../../files/counts.ts';
import type { FileChange, FileCondition, FileListQuery, FileStore } from '../../files/ports.ts';
import { isFileDeleted, type PromptFile, sequencerOrder } from '../../files/prompt-file.ts';
import { own } from '../../json/value.ts';
import { readCursor } from '../../runs/list/cursor.ts';
import { FIXED_SHARDS, type Shards } from '../../runs/shards.ts';
import { marshall } from './attribute-value.ts';
import { fileExpiry, type Retention, ttlSeconds } from './expiry.ts';
import {
  answerAttribute,
  blockAttributes,
  blockOf,
  buriedFile,
  countNames,
  errorsAttribute,
  FAILED_AS,
  fileAttributes,
  fileOf,
  LINE_ANSWER,
  LINE_ERROR,
  LINE_TRIES,
} from './file-item.ts';
import { listPage } from './indexes.ts';
import {
  deleteItem,
  getItem,
  type Key,
  putIfAbsent,
  replaceItem,
  type TableClient,
  updateItem,
} from './table.ts';
import { dueAttributes, leasedUpdate, Update } from './update.ts';

const fileKey = (id: string): Key => ({ pk: `FILE#${id}`, sk: 'FILE' });
const blockKey = (id: string, number: number): Key => ({
  pk: `FILE#${id}`,
  sk: `BLOCK#${String(number).padStart(6, '0')}`,
});
const newestKey = (key: string): Key => ({ pk: `KEY#${key}`, sk: 'KEY' });

/** The keys of a file in the index `list`. Comparisons have a partition of their own: files may be many, they are few. */
export const listKeys = ({ caller, createdAt, id }: Pick<PromptFile, 'caller' | 'createdAt' | 'id'>) => ({
  list_pk: listPkOf(caller, id.startsWith('cmp_') ? 'comparison' : 'file'),
  list_sk: `${createdAt}#${id}`,
});

const listPkOf = (caller: string, kind: NonNullable<FileListQuery['kind']>): string =>
  `${kind === 'comparison' ? 'COMPARISON' : 'FILE'}#${caller}`;

/**
 * Stores prompt files, their blocks and, for each S3 key, the newest file, as items in DynamoDB. Every write is a
 * conditional write of one item.
 */
export const makeDynamoFileStore = (
  table: TableClient,
  retention: Retention = {},
  shards: Pick<Shards, 'due'> = FIXED_SHARDS,
): FileStore => {
  const get = (key: Key) => getItem(table, key);
  const update = (key: Key, change: Update) => updateItem(table, key, change);
  return {
    create: (file) =>
      putIfAbsent(table, {
        ...fileKey(file.id),
        ...fileAttributes(file),
        ...dueAttributes(fileKey(file.id).pk, file.dueAt, shards),
        ...listKeys(file),
        expires_at: fileExpiry(retention),
      }),
    get: async (id) => fileOf(await get(fileKey(id))),
    change: async (id, change, condition) =>
      fileOf(await update(fileKey(id), fileUpdate(id, change, condition, shards))),
    list: async (query) => {
      const { ids, nextCursor } = await listFileIds(table, query);
      const found = await Promise.all(ids.map(async (id) => fileOf(await get(fileKey(id)))));
      // The index lags: a file may have been deleted meanwhile.
      const isListed = (file: PromptFile) =>
        (query.all ? file.status !== 'deleted' : !isFileDeleted(file)) &&
        (query.status === undefined || file.status === query.status);
      const kept = found.filter((file) => file !== undefined).filter(isListed);
      return { files: kept, nextCursor };
    },
    bury: (file, leaseToken, expiresAt) =>
      replaceItem(
        table,
        {
          ...fileKey(file.id),
          ...buriedFile(file),
          ...listKeys(file),
          expires_at: ttlSeconds(expiresAt),
        },
        { name: 'lease_token', is: leaseToken },
      ),
    addFullBlock: async (id, block, counts, errors) => {
      const key = fileKey(id);
      const add = addOnce('full_blocks', block, counts);
      if (errors) {
        add.set('line_errors', errorsAttribute(errors.after));
        add.equals('line_errors', errorsAttribute(errors.before));
      }
      const added = await update(key, add);
      return mustExist(fileOf(added ?? (await get(key))), id);
    },
    createBlock: (block) =>
      putIfAbsent(table, {
        ...blockKey(block.fileId, block.number),
        ...blockAttributes(block),
        ...dueAttributes(fileKey(block.fileId).pk, block.dueAt, shards),
        expires_at: fileExpiry(retention),
      }),
    getBlock: async (id, number) => blockOf(await get(blockKey(id, number))),
    changeBlock: async (id, number, change, condition) => {
      const changed = leasedUpdate(fileKey(id).pk, change, condition, shards);
      changed.set('sent', change.sent);
      if (condition.sent !== undefined) changed.equals('sent', condition.sent);
      return blockOf(await update(blockKey(id, number), changed));
    },
    addDone: async (id, number, line, { counts = {}, skipped = false, failedAs, error, answer } = {}) => {
      const key = blockKey(id, number);
      const add = addOnce('done', line, counts);
      if (skipped) add.addToSet('skipped', new Set([line]));
      if (failedAs !== undefined) add.addToSet(`${FAILED_AS}${failedAs}`, new Set([line]));
      if (error) add.set(`${LINE_ERROR}${line}`, error);
      if (answer) add.set(`${LINE_ANSWER}${line}`, answerAttribute(answer));
      const added = await update(key, add);
      return mustExist(blockOf(added ?? (await get(key))), `${id} block ${number}`);
    },
    addTry: async (id, number, line, by) => {
      const name = `${LINE_TRIES}${line}`;
      const add = new Update();
      add.add(name, by);
      const item = mustExist(await update(blockKey(id, number), add), `${id} block ${number}`);
      return Number(own(item, name));
    },
    noteNewest: async (key, sequencer, fileId) => {
      const note = new Update();
      const order = sequencerOrder(sequencer);
      note.set('sequencer', order);
      note.set('file_id', fileId);
      note.set('expires_at', fileExpiry(retention));
      note.absentOrBelow('sequencer', order);
      const noted = await updateItem(table, newestKey(key), note, { create: true });
      return noted ? true : (await get(newestKey(key)))?.file_id === fileId;
    },
    newest: async (key) => (await get(newestKey(key)))?.file_id as string | undefined,
    notePublished: async (key, fileId) => {
      const note = new Update();
      note.set('published', fileId);
      await update(newestKey(key), note);
    },
    published: async (key) => {
      const item = await get(newestKey(key));
      return (item?.published ?? item?.file_id) as string | undefined;
    },
    forgetKey: (key, fileId) => deleteItem(table, newestKey(key), { name: 'file_id', is: fileId }),
    deleteBlock: (id, number) => deleteItem(table, blockKey(id, number)),
  };
};

/**
 * Ids of a caller's prompt files or comparisons from the `list` index, newest first. Comparisons of version 2 of the
 * table are among the files until they are migrated.
 */
const listFileIds = async (
  table: TableClient,
  query: FileListQuery,
): Promise<{ ids: string[]; nextCursor: string | null }> => {
  const { caller, limit, kind = 'file', all, since = '0', until = '~', status } = query;
  const start = startOf(query);
  // A relative `since` moves on from page to page, so it may have passed the last place: nothing is left then.
  if (start && start.position < since) return { ids: [], nextCursor: null };
  const { items, nextCursor } = await listPage(
    table,
    {
      KeyConditionExpression: 'list_pk = :pk AND list_sk BETWEEN :since AND :until',
      FilterExpression: [
        all ? '#status <> :deleted' : 'begins_with(id, :kind) AND NOT #status IN (:deleting, :deleted)',
        ...(status === undefined ? [] : ['#status = :status']),
      ].join(' AND '),
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: marshall({
        ':pk': listPkOf(caller, kind),
        // A place is longer than its instant, so those of `since` are above it, and those of `until` too.
        ':since': since,
        ':until': until,
        ':deleted': 'deleted',
        ...(!all && { ':kind': ID_PREFIX[kind], ':deleting': 'deleting' }),
        ...(status !== undefined && { ':status': status }),
      }),
    },
    { limit, start: start?.key },
  );
  return { ids: items.map(({ id }) => id as string), nextCursor };
};

const ID_PREFIX = { file: 'file_', comparison: 'cmp_' } as const;

const startOf = ({ caller, kind = 'file', cursor, until = '~', all }: FileListQuery) => {
  if (cursor === undefined) return undefined;
  const prefixes = all ? Object.values(ID_PREFIX) : [ID_PREFIX[kind]];
  const { position, id } = readCursor(
    cursor,
    (createdAt, ownId) => prefixes.some((prefix) => ownId.startsWith(prefix)) && createdAt < until,
  );
  const key = marshall({ list_pk: listPkOf(caller, kind), list_sk: position, ...fileKey(id) });
  return { position, key };
};

const mustExist = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`${name} is not in the table`);
  return value;
};

const fileUpdate = (
  id: string,
  change: FileChange,
  condition: FileCondition,
  shards: Pick<Shards, 'due'>,
): Update => {
  const update = leasedUpdate(fileKey(id).pk, change, condition, shards);
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
  update.set('estimate', change.estimate);
  update.set('generating_at', change.generatingAt);
  update.set('sent_blocks', change.sentBlocks);
  update.set('line_errors', change.errors && errorsAttribute(change.errors));
  update.set('pace', change.pace && orAbsent(change.pace));
  update.set('stopped', change.stopped);
  update.set('batch', change.batch);
  update.set('ended_at', change.endedAt);
  update.set('error', change.error);
  update.set('retried_as', change.retriedAs);
  update.set('purge', change.purge);
  update.set('comparison', change.comparison);
  update.set('attempts', change.attempts === 0 ? null : change.attempts);
  update.set('pending', change.pending === undefined ? undefined : change.pending || null);
  if (condition.attempts !== undefined) update.equals('attempts', condition.attempts || null);
  if (condition.sentBlocks !== undefined) update.equals('sent_blocks', condition.sentBlocks);
  if (condition.retriedAs !== undefined) update.equals('retried_as', condition.retriedAs);
  if (condition.stopped === false) update.equals('stopped', null);
  return update;
};

/** An empty list is stored as none. */
const orAbsent = <T>(list: T[]): T[] | null => (list.length > 0 ? list : null);

/** Adds a member to a set together with its counts. A repeated write fails its condition, so nothing counts twice. */
const addOnce = (set: string, member: number, counts: Partial<FileCounts>): Update => {
  const add = new Update();
  add.addToSet(set, new Set([member]));
  for (const [name, value] of Object.entries(countNames(counts))) {
    if (value !== 0) add.add(name, value);
  }
  add.lacks(set, member);
  return add;
};
