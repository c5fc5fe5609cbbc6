import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { InvalidInputError } from '../../errors.ts';
import type { TableClient } from './run-store.ts';

type FileIds = { ids: string[]; nextCursor: string | null };

/** Ids of a caller's prompt files, newest first, from the list index. Comparisons stand there too and are left out. */
export const listFileIds = async (
  { client, table }: TableClient,
  { caller, limit, cursor }: { caller: string; limit: number; cursor?: string },
): Promise<FileIds> => {
  const listPk = `FILE#${caller}`;
  let start = cursor === undefined ? undefined : startOf(cursor, listPk);
  const found: Record<string, unknown>[] = [];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'list',
        ScanIndexForward: false,
        Limit: limit + 1,
        KeyConditionExpression: 'list_pk = :pk',
        FilterExpression: 'begins_with(id, :file)',
        ExpressionAttributeValues: marshall({ ':pk': listPk, ':file': 'file_' }),
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    start = page.LastEvaluatedKey;
  } while (start && found.length <= limit);
  const items = found.slice(0, limit);
  const more = found.length > limit || start !== undefined;
  const last = items.at(-1);
  return {
    ids: items.map(({ id }) => id as string),
    nextCursor: more && last ? Buffer.from(`${last.list_sk}`).toString('base64url') : null,
  };
};

/** A cursor is the last item's sort key: the caller's partition is never taken from it. */
const startOf = (cursor: string, listPk: string) => {
  const listSk = Buffer.from(cursor, 'base64url').toString();
  const [, id] = /^\d{4}-\d\d-\d\dT[\d:.]{12}Z#(file_[0-9a-z]+)$/.exec(listSk) ?? [];
  if (id === undefined) {
    throw new InvalidInputError([
      { path: 'cursor', message: 'is not one that a list gave out; begin without a cursor' },
    ]);
  }
  return marshall({ list_pk: listPk, list_sk: listSk, pk: `FILE#${id}`, sk: 'FILE' });
};
