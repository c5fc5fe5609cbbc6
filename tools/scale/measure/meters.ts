import { type ConsumedCapacity, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { AwsKey } from '../../../local/aws/credentials.ts';
import type { Endpoints } from '../../../local/aws/function-environment.ts';
import { type Exchange, type Meter, startMeter } from './meter.ts';
import {
  type Item,
  itemSize,
  type PartitionWrite,
  partitionWritesOf,
  readUnits,
  type TableShape,
  type Units,
} from './table-units.ts';

/** Counts by name, such as `s3.put` or `lambda.embed.ms`. */
export type Tally = { add: (name: string, amount: number) => void; read: () => Record<string, number> };

export const makeTally = (): Tally => {
  const counts = new Map<string, number>();
  return {
    add: (name, amount) => {
      if (amount !== 0) counts.set(name, (counts.get(name) ?? 0) + amount);
    },
    read: () => Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b))),
  };
};

/**
 * Gets the partition writes of each request that writes to the table, when it was answered; and, of a table that is asked
 * for them, the units that it says the request consumed. It says so of no request whose condition failed.
 */
export type NoteWrite = (writes: readonly PartitionWrite[], consumed?: Units) => void;

export type TableMeterOptions = {
  table: TableShape;
  tally: Tally;
  key: AwsKey;
  noteWrite: NoteWrite;
  /** Asks the table for the units that each write consumes. It must be one that checks no signatures. */
  asksConsumed: boolean;
};

/** The difference between two readings, divided by `by`; without the names whose difference is 0. */
export const between = (
  before: Record<string, number>,
  after: Record<string, number>,
  by: number,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, (count - (before[name] ?? 0)) / by] as const)
      .filter(([, count]) => count !== 0),
  );

const EVENT_CHUNK_BYTES = 64 * 1024;
const VECTOR_VALUE_BYTES = 4;
const PINECONE_FEWEST_UNITS = 5;

/** Starts meters in front of AWS's services. They add the billed units of each request to `tally`. */
export const startAwsMeters = async (
  { dynamodb, s3, sqs, events }: Endpoints,
  options: TableMeterOptions,
): Promise<{ endpoints: Endpoints; close: () => Promise<void> }> => {
  const { tally } = options;
  const meters = {
    dynamodb: await startTableMeter(dynamodb, options),
    s3: await startMeter(s3, { note: (exchange) => noteObject(exchange, tally) }),
    sqs: await startMeter(sqs, { note: (exchange) => noteMessage(exchange, tally) }),
    events: await startMeter(events, { note: (exchange) => noteEvents(exchange, tally) }),
  };
  return {
    endpoints: {
      dynamodb: meters.dynamodb.url,
      s3: meters.s3.url,
      sqs: meters.sqs.url,
      events: meters.events.url,
    },
    close: async () => {
      for (const meter of Object.values(meters)) await meter.close();
    },
  };
};

/**
 * Starts a meter in front of Pinecone. It counts write units of upserts (1 KB each, at least 5 a request) and requests.
 */
export const startPineconeMeter = (upstream: string, dimensions: number, tally: Tally): Promise<Meter> =>
  startMeter(upstream, {
    note: ({ path, body }) => {
      const isUpsert = path.endsWith('/vectors/upsert');
      tally.add(isUpsert ? 'pinecone.upserts' : 'pinecone.others', 1);
      if (!isUpsert) return;
      const { vectors = [] } = JSON.parse(body.toString()) as {
        vectors?: { id: string; metadata?: object }[];
      };
      const sizes = vectors.map(
        ({ id, metadata = {} }) =>
          Buffer.byteLength(id) +
          Buffer.byteLength(JSON.stringify(metadata)) +
          dimensions * VECTOR_VALUE_BYTES,
      );
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      tally.add('pinecone.records', vectors.length);
      tally.add('pinecone.bytes', bytes);
      tally.add('pinecone.writeUnits', Math.max(PINECONE_FEWEST_UNITS, Math.ceil(bytes / 1024)));
    },
  });

type TableRequest = {
  TableName?: string;
  Key?: Item;
  Item?: Item;
  ConsistentRead?: boolean;
  IndexName?: string;
};

/**
 * Reads the item before and after each write, without the meter, to compute its write units. Correct only while one
 * request runs at a time.
 */
const startTableMeter = (
  upstream: string,
  { table, tally, key, noteWrite, asksConsumed }: TableMeterOptions,
): Promise<Meter> => {
  const client = new DynamoDBClient({
    endpoint: upstream,
    region: 'us-east-1',
    credentials: key,
  });
  const operationOf = (headers: Exchange['headers']) =>
    String(headers['x-amz-target']).split('.').at(-1) ?? '';
  const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
  const keyOf = ({ Key, Item = {} }: TableRequest): Item =>
    Key ?? Object.fromEntries(table.keys.flatMap((name) => (Item[name] ? [[name, Item[name]]] : [])));
  const stored = async (body: Buffer): Promise<Item | undefined> => {
    const asked = JSON.parse(body.toString()) as TableRequest;
    const get = new GetItemCommand({
      TableName: asked.TableName,
      Key: keyOf(asked),
      ConsistentRead: true,
    });
    return (await client.send(get)).Item;
  };
  const partitionOf = (body: Buffer) =>
    keyOf(JSON.parse(body.toString()))[table.keys[0] ?? ''] ?? { NULL: true };
  return startMeter(upstream, {
    before: async ({ headers, body }) => (writes.has(operationOf(headers)) ? stored(body) : undefined),
    change: ({ headers, body }) =>
      asksConsumed && writes.has(operationOf(headers))
        ? Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'INDEXES' }))
        : body,
    note: async ({ headers, body, answer }, before) => {
      const operation = operationOf(headers);
      tally.add(`dynamodb.${operation}`, 1);
      if (writes.has(operation)) {
        const after = await stored(body);
        const writes = partitionWritesOf(before as Item | undefined, after, table, partitionOf(body));
        for (const { space, units } of writes) tally.add(`dynamodb.writeUnits.${space}`, units);
        noteWrite(writes, consumedIn(answer));
        return;
      }
      const { ConsistentRead = false, IndexName = 'table' } = JSON.parse(body.toString()) as TableRequest;
      const answered = JSON.parse(answer.toString()) as { Item?: Item; Items?: Item[] };
      const bytes = (answered.Items ?? [answered.Item ?? {}]).reduce((sum, item) => sum + itemSize(item), 0);
      tally.add(`dynamodb.readUnits.${IndexName}`, readUnits(bytes, ConsistentRead));
    },
  });
};

const consumedIn = (answer: Buffer): Units | undefined => {
  const { ConsumedCapacity } = JSON.parse(answer.toString() || '{}') as {
    ConsumedCapacity?: ConsumedCapacity;
  };
  if (!ConsumedCapacity) return undefined;
  const { Table, GlobalSecondaryIndexes = {} } = ConsumedCapacity;
  const all = { table: Table, ...GlobalSecondaryIndexes };
  return Object.fromEntries(
    Object.entries(all).map(([space, capacity]) => [space, capacity?.CapacityUnits ?? 0]),
  );
};

const noteObject = ({ method, path, body, answer }: Exchange, tally: Tally): void => {
  const isList = new URL(path, 'http://any').searchParams.has('list-type');
  tally.add(`s3.${isList ? 'list' : method.toLowerCase()}`, 1);
  if (method === 'PUT') tally.add('s3.bytesPut', body.length);
  if (method === 'GET' && !isList) tally.add('s3.bytesGot', answer.length);
};

const noteMessage = ({ headers, body }: Exchange, tally: Tally): void => {
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  tally.add(`sqs.${operation}`, 1);
  tally.add('sqs.bytes', body.length);
};

const noteEvents = ({ body }: Exchange, tally: Tally): void => {
  const { Entries = [] } = JSON.parse(body.toString()) as { Entries?: { Detail?: string }[] };
  for (const entry of Entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry));
    tally.add('events.put', Math.ceil(bytes / EVENT_CHUNK_BYTES));
    tally.add('events.bytes', bytes);
  }
  if (Entries.length > 0) tally.add('events.requests', 1);
};
