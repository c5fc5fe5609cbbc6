import { randomUUID } from 'node:crypto';
import {
  PutItemCommand,
  paginateQuery,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ConflictError } from '../../errors.ts';
import { dueShardOf } from '../../runs/due.ts';
import { FIXED_SHARDS, type Shards } from '../../runs/shards.ts';
import { boundsOf } from '../../usage/periods.ts';
import type { Period, Sums, Totals, UsageShape, UsageStore } from '../../usage/ports.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { DAY_SECONDS, ttlSeconds } from './expiry.ts';
import { type CompactPart, compactPart, partOf } from './part-item.ts';
import { deleteItem, getItem, type Item, type Key, type TableClient, updateItem } from './table.ts';
import { Update } from './update.ts';

/** Larger sums stand in pages of their own, so that a mark does not pay for writing them. */
const INLINE_BYTES = 16_000;
const PAGE_BYTES = 300_000;
const MAX_READS = 5;

/** Hours are kept a little longer than usage can be asked for by the hour. */
const KEEP_HOURS_DAYS = 430;
/** For a sum under way, should it never be finished. */
const KEEP_UNFINISHED_DAYS = 2;
/** For pages until their item is settled: longer, since an item whose pages have expired before it cannot be read. */
const KEEP_PAGES_DAYS = 7;

/** Pages of one writing of sums; the token is new for each. */
type Pages = { token: string; count: number };

const pkOf = (caller: string): string => `USAGE#${caller}`;
const keyOf = ({ caller, kind, name }: Period): Key => ({ pk: pkOf(caller), sk: `${kind}#${name}` });
const pageKey = (period: Period, token: string, at: number): Key => ({
  pk: pkOf(period.caller),
  sk: `PAGE#${period.kind}#${period.name}#${token}#${String(at).padStart(5, '0')}`,
});

/**
 * Stores sums of usage in DynamoDB: an item for each period of a caller, which is in the index `due` while it is to be
 * summed. Sums that are too large for an item stand in pages. New pages are written first, then the item refers to them
 * instead of the earlier ones, which are deleted.
 */
export const makeDynamoUsageStore = (
  table: TableClient,
  shards: Pick<Shards, 'due'> = FIXED_SHARDS,
  now: () => number = Date.now,
): UsageStore => ({
  mark: async (period, dueAt) => {
    const update = new Update();
    update.setIfAbsent('due_at', dueAt);
    update.setIfAbsent('due_shard', dueShardOf(pkOf(period.caller), shards.due()));
    update.add('marks', 1);
    const expiresAt = expiryOf(period, now);
    if (expiresAt !== undefined) update.setIfAbsent('expires_at', expiresAt);
    const { Attributes = {} } = await table.client.send(
      new UpdateItemCommand({
        TableName: table.table,
        Key: marshall(keyOf(period)),
        ReturnValues: 'UPDATED_NEW',
        ...update.expressions(),
      }),
    );
    return unmarshall(Attributes).due_at as number;
  },

  get: async (period) => {
    for (let tried = 1; ; tried += 1) {
      const item = await getItem(table, keyOf(period));
      const totals = item && (await totalsOf(table, item));
      if (totals !== 'replaced') return totals;
      if (tried === MAX_READS) throw unreadable();
    }
  },

  range: async function* (caller, kind, from, until) {
    const items = queried(table, {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
      ExpressionAttributeValues: marshall({
        ':pk': pkOf(caller),
        ':from': `${kind}#${from}`,
        ':until': `${kind}#${until}`,
      }),
    });
    for await (const item of items) {
      if (item.sk === `${kind}#${until}`) continue;
      const totals = await totalsOf(table, item);
      const found =
        totals === 'replaced' ? await makeDynamoUsageStore(table, shards, now).get(periodOf(item)) : totals;
      if (found) yield found;
    }
  },

  put: async (period, sums, read, again) => {
    const stored = sums.shapes.map(compactShape);
    const size = stored.reduce((bytes, shape) => bytes + sizeOf(shape), 0);
    const before = await getItem(table, keyOf(period));
    const earlier = before?.pages as Pages | undefined;
    const stale = [...((before?.stale as Pages[] | undefined) ?? []), ...(earlier ? [earlier] : [])];
    const fields = {
      keys: sums.keys,
      under: sums.under ?? null,
      expires_at: expiryOf(period, now),
      version: read.version + 1,
    };
    if (size <= INLINE_BYTES && stale.length === 0) {
      const all = { ...fields, shapes: stored, pages: null };
      return settle(table, period, all, read, again);
    }
    const pages = size <= INLINE_BYTES ? null : await writePages(table, period, stored, again, now);
    const switched = new Update();
    setAll(switched, { ...fields, shapes: pages ? null : stored, pages, stale });
    switched.equals('version', read.version || null);
    const isSwitched = (await updateItem(table, keyOf(period), switched, { create: true })) !== undefined;
    if (!isSwitched && !(await refersTo(table, period, pages))) {
      if (pages) await deletePages(table, period, pages);
      return false;
    }
    // The period stays due until all is done, so after a crash in between it is summed again.
    if (pages && again !== undefined) await keepPages(table, period, pages, now);
    for (const one of stale) await deletePages(table, period, one);
    await settle(table, period, { stale: null }, { ...read, version: read.version + 1 }, again);
    return true;
  },

  postpone: async (period, read, to) => {
    const update = new Update();
    update.set('due_at', to);
    update.equals('due_at', read);
    await updateItem(table, keyOf(period), update);
  },
});

/** Whether a period has these pages: a write whose answer was lost fails when the client repeats it. */
const refersTo = async (table: TableClient, period: Period, pages: Pages | null): Promise<boolean> => {
  if (!pages) return false;
  const item = await getItem(table, keyOf(period));
  return (item?.pages as Pages | undefined)?.token === pages.token;
};

const setAll = (update: Update, fields: Record<string, unknown>): void => {
  for (const [name, value] of Object.entries(fields)) update.set(name, value);
};

/** Writes fields, and takes the period out of due unless it was marked. False when other sums were written meanwhile. */
const settle = async (
  table: TableClient,
  period: Period,
  fields: Record<string, unknown>,
  { version, marks }: Pick<Totals, 'version' | 'marks'>,
  again: number | undefined,
): Promise<boolean> => {
  if (again !== undefined) {
    const update = new Update();
    setAll(update, { ...fields, due_at: null, due_shard: null });
    update.equals('version', version || null);
    update.equals('marks', marks || null);
    if (await updateItem(table, keyOf(period), update, { create: true })) return true;
  }
  const update = new Update();
  setAll(update, { ...fields, due_at: again });
  update.equals('version', version || null);
  return (await updateItem(table, keyOf(period), update, { create: true })) !== undefined;
};

/** When DynamoDB's TTL may delete a period, in seconds since the epoch; undefined: never. */
const expiryOf = ({ kind, name }: Period, now: () => number): number | undefined => {
  if (kind === 'DAY') return undefined;
  if (kind === 'PART') return ttlSeconds(now()) + KEEP_UNFINISHED_DAYS * DAY_SECONDS;
  return ttlSeconds(boundsOf({ kind, name }).to) + KEEP_HOURS_DAYS * DAY_SECONDS;
};

/**
 * Writes sums in pages. They expire soon, until the item that refers to them is written. Those of a period that is not
 * settled after that, and so would not be summed again, are kept at once.
 */
const writePages = async (
  { client, table }: TableClient,
  period: Period,
  shapes: CompactShape[],
  again: number | undefined,
  now: () => number,
): Promise<Pages> => {
  const token = randomUUID();
  const pages: CompactShape[][] = [];
  let left = 0;
  for (const shape of shapes) {
    const size = sizeOf(shape);
    if (left < size) {
      pages.push([]);
      left = PAGE_BYTES;
    }
    pages.at(-1)?.push(shape);
    left -= size;
  }
  const expiresAt =
    again === undefined && period.kind !== 'PART'
      ? expiryOf(period, now)
      : ttlSeconds(now()) + KEEP_PAGES_DAYS * DAY_SECONDS;
  for (const [at, page] of pages.entries()) {
    const item = { ...pageKey(period, token, at), shapes: page, expires_at: expiresAt };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
  }
  return { token, count: pages.length };
};

const keepPages = async (
  table: TableClient,
  period: Period,
  { token, count }: Pages,
  now: () => number,
): Promise<void> => {
  for (let at = 0; at < count; at += 1) {
    const update = new Update();
    update.set('expires_at', expiryOf(period, now) ?? null);
    await updateItem(table, pageKey(period, token, at), update);
  }
};

const deletePages = async (table: TableClient, period: Period, { token, count }: Pages): Promise<void> => {
  for (let at = 0; at < count; at += 1) await deleteItem(table, pageKey(period, token, at));
};

async function* queried(
  { client, table }: TableClient,
  query: Omit<QueryCommandInput, 'TableName'>,
): AsyncGenerator<Item> {
  for await (const { Items = [] } of paginateQuery(
    { client },
    { TableName: table, ConsistentRead: true, ...query },
  ))
    yield* Items.map((item) => unmarshall(item));
}

const periodOf = ({ pk, sk }: Item): Period => {
  const [kind, name = ''] = (sk as string).split('#');
  return { caller: (pk as string).slice('USAGE#'.length), kind: kind as Period['kind'], name };
};

const totalsOf = async (table: TableClient, item: Item): Promise<Totals | 'replaced'> => {
  const period = periodOf(item);
  const pages = item.pages as Pages | undefined;
  const shapes = pages
    ? await readPages(table, period, pages)
    : ((item.shapes as CompactShape[] | undefined) ?? []);
  if (!shapes) return 'replaced';
  return {
    period,
    keys: (item.keys as string[] | undefined) ?? [],
    shapes: shapes.map(shapeOf),
    ...(item.under !== undefined && { under: item.under as NonNullable<Sums['under']> }),
    version: (item.version as number | undefined) ?? 0,
    marks: (item.marks as number | undefined) ?? 0,
    dueAt: (item.due_at as number | undefined) ?? null,
  };
};

/** Undefined when the pages were replaced after the item was read. */
const readPages = async (
  table: TableClient,
  period: Period,
  { token, count }: Pages,
): Promise<CompactShape[] | undefined> => {
  const shapes: CompactShape[] = [];
  for (let at = 0; at < count; at += 1) {
    const page = await getItem(table, pageKey(period, token, at));
    if (!page) return undefined;
    shapes.push(...(page.shapes as CompactShape[]));
  }
  return shapes;
};

const unreadable = () =>
  new ConflictError('the sums of a period were replaced all the time while they were read; try again', {
    retryable: true,
  });

type CompactShape = { n: number; f?: number; k?: Record<string, string>; p: CompactPart[] };

const compactShape = ({ metadata, requests, failedRequests, parts }: UsageShape): CompactShape => ({
  n: requests,
  ...(failedRequests > 0 && { f: failedRequests }),
  ...(Object.keys(metadata).length > 0 && { k: metadata }),
  p: parts.map(compactPart),
});

const shapeOf = ({ n, f = 0, k = {}, p }: CompactShape): UsageShape => ({
  metadata: k,
  requests: n,
  failedRequests: f,
  parts: p.map(partOf),
});

/** JSON takes a little more bytes than DynamoDB counts. */
const sizeOf = (shape: CompactShape): number => Buffer.byteLength(JSON.stringify(shape));
