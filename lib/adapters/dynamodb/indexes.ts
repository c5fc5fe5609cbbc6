import {
  type AttributeValue,
  paginateQuery,
  paginateScan,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { RunScan } from '../../operate/audit/ports.ts';
import { cursorOf } from '../../runs/list/cursor.ts';
import type { DueIndex, DueItem } from '../../runs/ports.ts';
import { mostShards, type Shards } from '../../runs/shards.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { blockOf, fileOf } from './file-item.ts';
import { runOf } from './run-item.ts';
import type { Item, TableClient } from './table.ts';
import { makeDynamoShards } from './table-record.ts';

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
  return { items, nextCursor: last ? cursorOf(`${last.list_sk}`) : null };
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
