import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { DiskProblem } from '../disk.ts';
import { type HttpListener, listen } from '../http.ts';
import type { AwsKey } from './credentials.ts';
import { restoreIndexEntries } from './restore-index-entries.ts';
import { AccessRefusal, readSigned, sendAccessRefusal } from './signing/json-service.ts';
import type { KeyRing } from './signing/signature.ts';
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

/** Prepares a table that was just created, or that was there before, for the functions. */
export type PrepareTable = (table: { client: DynamoDBClient; table: string }) => Promise<void>;

const makeTables = async (
  client: DynamoDBClient,
  tables: readonly Table[],
  folder: string,
  prepare: PrepareTable,
): Promise<void> => {
  const { TableNames: existing = [] } = await client.send(new ListTablesCommand({}));
  for (const table of tables) {
    const { name, definition } = table;
    if (!existing.includes(name)) {
      await client.send(new CreateTableCommand(definition));
      // A table that is still being created refuses writes.
      await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 30 }, { TableName: name });
      await prepare({ client, table: name });
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
    await prepare({ client, table: name });
  }
};

/** DynamoDB's own limit for a request. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** Hands dynalite a request whose body was read before, by the events of a request that it listens to. */
const replay = (
  serve: Serve,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  to: ServerResponse,
): void => {
  const request = Object.assign(new EventEmitter(), { method, url, headers });
  serve(request as unknown as IncomingMessage, to);
  if (body.length > 0) request.emit('data', body);
  request.emit('end');
};

/**
 * Lets only signed requests through to dynalite, which checks the form of signatures alone, and none while the disk is
 * full: dynalite would end the process at the first write that fails.
 */
const guard = (server: Server, keys: KeyRing, disk: DiskProblem): void => {
  const [serve] = server.listeners('request') as [Serve];
  server.removeAllListeners('request');
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const body = await readSigned(request, { keys, service: 'dynamodb', maxBytes: MAX_REQUEST_BYTES });
      const problem = disk();
      if (problem !== undefined) throw new AccessRefusal(500, 'InternalServerError', problem);
      if (body) replay(serve, request, body, response);
      else response.writeHead(413).end();
    } catch (error) {
      if (error instanceof AccessRefusal) sendAccessRefusal(response, error, 'application/x-amz-json-1.0');
      else response.destroy(); // the client has disconnected
    }
  });
};

export type DynamoDbOptions = {
  folder: string;
  tables: readonly Table[];
  region: string;
  /** The key that the tables are made with; `keys` knows it. */
  key: AwsKey;
  keys: KeyRing;
  /** Says why nothing is served now. Default: all is. */
  disk?: DiskProblem;
  prepareTable?: PrepareTable | undefined;
};

/**
 * Starts DynamoDB on a folder and creates the template's tables that do not exist yet.
 * TTL and point-in-time recovery do nothing here, so they are not set.
 *
 * @throws {Error} when an existing table has other keys or indexes than the template's.
 */
export const startDynamoDb = async ({
  folder,
  tables,
  region,
  key,
  keys,
  disk = () => undefined,
  prepareTable = async () => {},
}: DynamoDbOptions): Promise<HttpListener> => {
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  guard(server, keys, disk);
  const listener = await listen(server);
  const client = new DynamoDBClient({ endpoint: listener.url, region, credentials: key });
  try {
    await makeTables(client, tables, folder, prepareTable);
    return listener;
  } catch (error) {
    await listener.close();
    throw error;
  } finally {
    client.destroy();
  }
};
