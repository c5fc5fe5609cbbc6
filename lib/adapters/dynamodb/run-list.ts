import { type AttributeValue, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { stageOf } from '../../runs/list/entry.ts';
import type { ListedRun, RunList } from '../../runs/ports.ts';
import { type Shards, shardOf, shardsAt } from '../../runs/shards.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { listAttributes, listedOfItem } from './list-item.ts';
import { getItem, type Key, type TableClient, updateItem } from './table.ts';
import { makeDynamoShards } from './table-record.ts';
import { Update } from './update.ts';

const partition = (caller: string, shard: number): string => `LIST#${caller}#${shard}`;

const LEAST_PAGE = 10;
const MOST_PAGE = 250;

/**
 * Stores callers' lists of runs as small items in DynamoDB, sorted by time, in several partitions for each caller, so
 * that no caller meets the limit of one. Readers merge the partitions.
 */
export const makeDynamoRunList = (
  table: TableClient,
  shards: Pick<Shards, 'known'> = makeDynamoShards(table),
): RunList => {
  const keyOf = async ({
    caller,
    createdAt,
    id,
  }: Pick<ListedRun, 'caller' | 'createdAt' | 'id'>): Promise<Key> => {
    const { list } = shardsAt(await shards.known(), createdAt);
    return { pk: partition(caller, shardOf(id, list)), sk: `${createdAt}#${id}` };
  };
  return {
    put: async (entry) => {
      const update = new Update();
      for (const [name, value] of Object.entries(listAttributes(entry))) update.set(name, value);
      update.absentOrAtMost('stage', stageOf(entry));
      await updateItem(table, await keyOf(entry), update, { create: true });
    },

    get: async (key, options) => {
      const item = await getItem(table, await keyOf(key), options);
      return item && listedOfItem(item);
    },

    newest: async function* ({ caller, limit, since, until, after, consistent = false }) {
      // Counts only grow, so the partitions of the newest entries are those of all.
      const { list } = shardsAt(await shards.known(), after ?? until ?? '~');
      const wanted = Math.ceil((1.5 * limit) / list);
      const size = Math.min(MOST_PAGE, Math.max(LEAST_PAGE, wanted));
      const heads = Array.from({ length: list }, (_, shard) =>
        makeHead(table, { partition: partition(caller, shard), since, until, after, size, consistent }),
      );
      for (;;) {
        await Promise.all(heads.map((head) => head.fill()));
        const page = takeNewest(heads);
        if (page.length === 0) return;
        yield page.map(listedOfItem);
      }
    },
  };
};

type Item = Record<string, unknown> & { sk: string };
type Head = { items: Item[]; fill(): Promise<void>; isDone(): boolean };

type Range = {
  partition: string;
  since: string | undefined;
  until: string | undefined;
  after: string | undefined;
  size: number;
  consistent: boolean;
};

/** The entries of one partition that are read and not taken yet. */
const makeHead = (
  { client, table }: TableClient,
  { partition: pk, since, until, after, size, consistent }: Range,
): Head => {
  const items: Item[] = [];
  let next: Record<string, AttributeValue> | undefined;
  let isLast = false;
  const fill = async (): Promise<void> => {
    while (items.length === 0 && !isLast) {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          // Every instant sorts before '~'. An entry of the instant `until` sorts after it, since its id follows.
          ExpressionAttributeValues: marshall({
            ':pk': pk,
            ':from': since ?? '0',
            ':to': after ?? until ?? '~',
          }),
          ScanIndexForward: false,
          Limit: size,
          ConsistentRead: consistent,
          ...(next && { ExclusiveStartKey: next }),
        }),
      );
      const found = (page.Items ?? []).map((item) => unmarshall(item) as Item);
      items.push(...found.filter(({ sk }) => sk !== after));
      next = page.LastEvaluatedKey;
      isLast = next === undefined;
    }
  };
  return { items, fill, isDone: () => isLast && items.length === 0 };
};

/** Takes entries off the heads, newest first, until a partition has to be read on. */
const takeNewest = (heads: Head[]): Item[] => {
  const taken: Item[] = [];
  for (;;) {
    let newest: Head | undefined;
    for (const head of heads) {
      if (head.isDone()) continue;
      const first = head.items[0];
      if (!first) return taken;
      if (!newest || first.sk > (newest.items[0]?.sk ?? '')) newest = head;
    }
    const first = newest?.items.shift();
    if (!first) return taken;
    taken.push(first);
  }
};
