import {
  type AttributeValue,
  paginateQuery,
  paginateScan,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { InvalidInputError } from '../../errors.ts';
import type { RunScan } from '../../operate/audit/ports.ts';
import type { DueIndex, DueItem } from '../../runs/ports.ts';
import { blockOf, fileOf } from './file-item.ts';
import { runOf } from './run-item.ts';
import type { Item, TableClient } from './table.ts';

const PAGE = 100;

type ListPage = { items: Item[]; nextCursor: string | null };

/** The first `limit` items that a query of the `list` index finds from `start` on, newest first. */
export const listPage = async (
  { client, table }: TableClient,
  query: Omit<QueryCommandInput, 'TableName'>,
  { limit, start }: { limit: number; start: Record<string, AttributeValue> | undefined },
): Promise<ListPage> => {
  const found: Item[] = [];
  let next = start;
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'list',
        ScanIndexForward: false,
        ...query,
        ...(next && { ExclusiveStartKey: next }),
      }),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    next = page.LastEvaluatedKey;
  } while (next && found.length <= limit);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit || next !== undefined;
  return { items, nextCursor: more && last ? Buffer.from(`${last.list_sk}`).toString('base64url') : null };
};

/**
 * The sort key that a cursor stands for, which is that of the last item that was listed: the caller's partition is
 * never taken from it. Throws `InvalidInputError` for a cursor that is none, or not of a list of these items.
 */
export const readCursor = (
  cursor: string,
  isListed: (createdAt: string, id: string) => boolean,
): { listSk: string; id: string } => {
  const listSk = Buffer.from(cursor, 'base64url').toString();
  const [, createdAt, id] = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z)#([a-z]+_[0-9a-z]+)$/.exec(listSk) ?? [];
  if (createdAt === undefined || id === undefined || !isListed(createdAt, id)) {
    throw new InvalidInputError([
      { path: 'cursor', message: 'is not one that a list gave out; begin without a cursor' },
    ]);
  }
  return { listSk, id };
};

/** The sparse `due` index; it may lag, so whoever uses it reads the item itself before acting. */
export const makeDynamoDueIndex = ({ client, table }: TableClient): DueIndex => ({
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
        ({ pk, sk, due_at: dueAt }): DueItem => ({ pk, sk, dueAt }),
      );
    }
  },
});

/** Reads the whole table: for an operator at a command line; no function may scan. */
export const makeDynamoRunScan = ({ client, table }: TableClient): RunScan => ({
  pages: async function* () {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
      const items = Items.map((item) => unmarshall(item));
      const of = (isOne: (sk: string) => boolean) => items.filter(({ sk }) => isOne(sk as string));
      yield {
        runs: of((sk) => sk === 'RUN').map(runOf),
        files: of((sk) => sk === 'FILE')
          .map(fileOf)
          .filter((file) => file !== undefined),
        blocks: of((sk) => sk.startsWith('BLOCK#'))
          .map(blockOf)
          .filter((block) => block !== undefined),
      };
    }
  },
});
