import {
  type AttributeValue,
  paginateQuery,
  paginateScan,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { InvalidInputError } from '../../errors.ts';
import type { RunScan } from '../../operate/audit/ports.ts';
import type { DueIndex, DueItem } from '../../runs/ports.ts';
import { mostShards, type Shards } from '../../runs/shards.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { blockOf, fileOf } from './file-item.ts';
import { runOf } from './run-item.ts';
import { makeDynamoShards } from './shards.ts';
import type { Item, TableClient } from './table.ts';

const PAGE = 100;
/** Upper bound of the queries for one page of a list, each of at most 100 items or 1 MB. */
const MAX_QUERIES = 10;

type ListPage = { items: Item[]; nextCursor: string | null };

/**
 * One page of a query on the `list` index, newest first: at most `limit` items from `start` on. DynamoDB filters after
 * reading, so a page takes several queries, up to ten; a page that is not full then, or empty, goes on at its cursor.
 * `nextCursor` is null on the last page.
 */
export const listPage = async (
  { client, table }: TableClient,
  query: Omit<QueryCommandInput, 'TableName' | 'Limit'>,
  { limit, start }: { limit: number; start: Record<string, AttributeValue> | undefined },
): Promise<ListPage> => {
  const found: Item[] = [];
  let next = start;
  let queries = 0;
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'list',
        ScanIndexForward: false,
        Limit: PAGE,
        ...query,
        ...(next && { ExclusiveStartKey: next }),
      }),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    next = page.LastEvaluatedKey;
    queries += 1;
  } while (next && found.length <= limit && queries < MAX_QUERIES);
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : next && unmarshall(next);
  return { items, nextCursor: last ? Buffer.from(`${last.list_sk}`).toString('base64url') : null };
};

/**
 * Decodes a cursor to the sort key of the last item read. A cursor never contains the partition key, so it cannot
 * reach another caller's items.
 * @throws {InvalidInputError} When the cursor is malformed, or `isListed` denies that the list contains its item.
 */
export const readCursor = (
  cursor: string,
  isListed: (createdAt: string, id: string) => boolean,
): { listSk: string; id: string } => {
  const listSk = Buffer.from(cursor, 'base64url').toString();
  const [, createdAt, id] = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z)#([a-z]+_[0-9a-z]+)$/.exec(listSk) ?? [];
  if (createdAt === undefined || id === undefined || !isListed(createdAt, id)) {
    throw new InvalidInputError([
      { path: 'cursor', message: 'is not a cursor of this list; leave it out to start at the first page' },
    ]);
  }
  return { listSk, id };
};

/** Queries the sparse `due` index. The index may lag behind writes, so read the item itself before acting on it. */
export const makeDynamoDueIndex = (
  { client, table }: TableClient,
  shards: Pick<Shards, 'fresh'> = makeDynamoShards({ client, table }),
): DueIndex => ({
  shards: async () => mostShards(await shards.fresh()).due,

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
        ({ pk, sk, due_at: dueAt }) => ({ pk, sk, dueAt }) as DueItem,
      );
    }
  },
});

/** Scans the whole table. For an operator's command line only; no function's role allows a scan. */
export const makeDynamoRunScan = ({ client, table }: TableClient): RunScan => ({
  pages: async function* () {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
      const items = Items.map((item) => unmarshall(item));
      const withSk = (matches: (sk: string) => boolean) => items.filter(({ sk }) => matches(sk as string));
      yield {
        runs: withSk((sk) => sk === 'RUN').map(runOf),
        files: withSk((sk) => sk === 'FILE')
          .map(fileOf)
          .filter((file) => file !== undefined),
        blocks: withSk((sk) => sk.startsWith('BLOCK#'))
          .map(blockOf)
          .filter((block) => block !== undefined),
      };
    }
  },
});
