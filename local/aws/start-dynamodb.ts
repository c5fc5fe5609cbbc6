import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type HttpListener, listen } from '../http.ts';
import { localCredentials } from './credentials.ts';
import { restoreIndexEntries } from './restore-index-entries.ts';
import type { Table } from './template/stack-model.ts';

type Shape = {
  KeySchema?: { AttributeName?: string | undefined }[] | undefined;
  GlobalSecondaryIndexes?:
    | { IndexName?: string | undefined; KeySchema?: { AttributeName?: string | undefined }[] | undefined }[]
    | undefined;
};

/** The keys and indexes of a table in one line. An existing table cannot change them. */
const shapeOf = ({ KeySchema = [], GlobalSecondaryIndexes = [] }: Shape): string => {
  const keys = (schema: { AttributeName?: string | undefined }[] = []) =>
    schema.map((key) => key.AttributeName).join('+');
  const indexes = GlobalSecondaryIndexes.map((index) => `${index.IndexName}(${keys(index.KeySchema)})`);
  return [keys(KeySchema), ...indexes.toSorted()].join(' ');
};

const makeTables = async (
  client: DynamoDBClient,
  tables: readonly Table[],
  folder: string,
): Promise<void> => {
  const { TableNames: existing = [] } = await client.send(new ListTablesCommand({}));
  for (const table of tables) {
    const { name, definition } = table;
    if (!existing.includes(name)) {
      await client.send(new CreateTableCommand(definition));
      // A table that is still being created refuses writes.
      await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 30 }, { TableName: name });
      continue;
    }
    const { Table: found } = await client.send(new DescribeTableCommand({ TableName: name }));
    const [actual, expected] = [shapeOf(found ?? {}), shapeOf(definition)];
    if (actual !== expected) {
      throw new Error(
        `The table ${name} in ${folder} is of another version (${actual}, now ${expected}): use another data folder, or remove this one`,
      );
    }
    await restoreIndexEntries(client, table);
  }
};

/**
 * Starts DynamoDB on a folder and creates the template's tables that do not exist yet.
 * TTL and point-in-time recovery do nothing here, so they are not set.
 *
 * @throws {Error} when an existing table has other keys or indexes than the template's.
 */
export const startDynamoDb = async (
  folder: string,
  tables: readonly Table[],
  region: string,
): Promise<HttpListener> => {
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const listener = await listen(server);
  const client = new DynamoDBClient({ endpoint: listener.url, region, credentials: localCredentials });
  try {
    await makeTables(client, tables, folder);
    return listener;
  } catch (error) {
    await listener.close();
    throw error;
  } finally {
    client.destroy();
  }
};
