import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoFileStore } from '../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoKeyStore } from '../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore } from '../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoBudgetStore } from '../../lib/adapters/dynamodb/spending.ts';
import { makeDynamoStreamBlocks } from '../../lib/adapters/dynamodb/stream-blocks.ts';
import { newFile } from '../../lib/files/prompt-file.ts';
import type { Upload } from '../../lib/files/upload.ts';
import type { FileView } from '../../lib/files/view.ts';
import type { FileAnswer } from '../../lib/http/files/routes.ts';
import { sha256Hex } from '../../lib/json/canonical-json.ts';
import { dueShardOf } from '../../lib/runs/due.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { type Client, clientOf } from '../e2e/everytoken-client.ts';
import type { RecordedStack } from './recorded-stack.ts';

const LIMIT_MS = 60_000;
/** Each poll takes time from the functions that it waits for. */
const POLL_MS = 150;

/** The callers of a stack, its operator, and AWS itself. Their own calls are not recorded. */
export const makeActors = ({ aws, output }: Pick<RecordedStack, 'aws' | 'output'>) => {
  const api = clientOf(aws.api);
  const common = { region: 'us-east-1', credentials: aws.credentials };
  const s3 = new S3Client({ ...common, endpoint: aws.s3, forcePathStyle: true });
  const sqs = new SQSClient({ ...common, endpoint: aws.sqs });
  const dynamodb = new DynamoDBClient({ ...common, endpoint: aws.dynamodb });
  const [Bucket] = Object.values(aws.buckets);

  const untilIs = <T>(what: string, ask: () => T | Promise<T>) =>
    pollUntil(
      () => `${what}; the functions say: ${output()}`,
      async () => {
        await delay(POLL_MS);
        return ask();
      },
      LIMIT_MS,
    );
  return {
    api,
    /** A client with a key, a daily budget and limits of its own, all in the table. */
    withKeyAndBudget: async (caller: string): Promise<Client> => {
      const table = { client: dynamodb, table: aws.table ?? '' };
      const secret = `secret-of-${caller}`;
      const createdAt = new Date().toISOString();
      await makeDynamoKeyStore(table).create({
        sha256: sha256Hex(secret),
        caller,
        disabled: false,
        createdAt,
      });
      await makeDynamoBudgetStore(table).set(caller, { tokens: 1_000_000, costUsd: null });
      await makeDynamoLimitStore(table).set(caller, { requestsPerSecond: 4, runsInFlight: 4 });
      return clientOf(aws.api, secret);
    },
    withOperatorsKey: async (): Promise<Client> => {
      const table = { client: dynamodb, table: aws.table ?? '' };
      const secret = 'secret-of-an-operator';
      const createdAt = new Date().toISOString();
      const key = { sha256: sha256Hex(secret), caller: 'ops', disabled: false, createdAt };
      await makeDynamoKeyStore(table).create({ ...key, operator: true });
      return clientOf(aws.api, secret);
    },
    until: untilIs,
    /** Waits until a run is completed and its events are sent. */
    completed: (id: string): Promise<unknown> =>
      untilIs(`${id} is completed`, async () => {
        const Key = marshall({ pk: `RUN#${id}`, sk: 'RUN' });
        const { Item } = await dynamodb.send(new GetItemCommand({ TableName: aws.table, Key }));
        return Item?.status?.S === 'completed' && Item.pending?.S === undefined;
      }),
    /** Writes a block of a run's stream, as a function does that streams the run. */
    putStreamBlock: (runId: string) =>
      makeDynamoStreamBlocks({ client: dynamodb, table: aws.table ?? '' }, { now: Date.now }).put({
        ...{ runId, caller: 'local', attempt: 1, index: 0, number: 0, chunks: '[]' },
      }),
    put: (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    removeObject: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key })),
    /** Number of objects with a prefix. */
    objects: async (Prefix: string): Promise<number> =>
      (await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))).KeyCount ?? 0,
    send: (queue: string, body: unknown) =>
      sqs.send(new SendMessageCommand({ QueueUrl: aws.queues[queue], MessageBody: JSON.stringify(body) })),
    /** Number of messages of a queue that are delayed. */
    delayed: async (queue: string): Promise<number> => {
      const ask = new GetQueueAttributesCommand({ QueueUrl: aws.queues[queue], AttributeNames: ['All'] });
      return Number((await sqs.send(ask)).Attributes?.ApproximateNumberOfMessagesDelayed);
    },
    /** Writes the attributes into a run's item that a crash or the passing of time would leave; it is due at once. */
    leave: async (id: string, attributes: Record<string, unknown>): Promise<void> => {
      const pk = `RUN#${id}`;
      const all: Record<string, unknown> = { due_at: 1, due_shard: dueShardOf(pk), ...attributes };
      const names = Object.keys(all);
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: aws.table,
          Key: marshall({ pk, sk: 'RUN' }),
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: marshall(
            Object.fromEntries(names.map((name) => [`:${name}`, all[name]])),
          ),
        }),
      );
    },
    /** Leaves a batch of an input file whose maker crashed before it had copied the file; it is due at once. */
    leaveBatch: async (inputFileId: string, filename: string): Promise<string> => {
      const id = `file_${'0'.repeat(26)}`;
      const file = newFile({
        ...{
          id,
          caller: 'local',
          key: `prompts/@local/${id}/${filename}`,
          etag: '',
          status: 'awaiting_upload',
        },
        createdAt: new Date().toISOString(),
        dueAt: 1,
        openaiBatch: {
          endpoint: '/v1/chat/completions',
          inputFileId,
          inputKey: `uploads/@local/${inputFileId}/${filename}`,
          metadata: null,
        },
      });
      await makeDynamoFileStore({ client: dynamodb, table: aws.table ?? '' }).create(file);
      return id;
    },
    /** Has an export written again, as if its worker had been lost and its lease had ended. */
    leaveExport: async (id: string): Promise<void> => {
      const pk = `EXPORT#${id}`;
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: aws.table,
          Key: marshall({ pk, sk: 'EXPORT' }),
          UpdateExpression: 'SET #status = :queued, due_at = :past, due_shard = :shard',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: marshall({ ':queued': 'queued', ':past': 1, ':shard': dueShardOf(pk) }),
        }),
      );
    },
    /** Lets the time pass until a caller's current hour is summed, sweeps, and has its day summed in the same way. */
    summed: async (caller: string): Promise<void> => {
      const pk = `USAGE#${caller}`;
      for (const kind of ['HOUR', 'DAY']) {
        const { Items = [] } = await dynamodb.send(
          new QueryCommand({
            TableName: aws.table,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
            ExpressionAttributeValues: marshall({ ':pk': pk, ':kind': kind }),
          }),
        );
        for (const { sk } of Items)
          await dynamodb.send(
            new UpdateItemCommand({
              TableName: aws.table,
              Key: { pk: { S: pk }, ...(sk && { sk }) },
              UpdateExpression: 'SET due_at = :past, due_shard = :shard',
              ExpressionAttributeValues: marshall({ ':past': 1, ':shard': dueShardOf(pk) }),
            }),
          );
        await aws.invoke('SweepLambdaFunction', {});
      }
    },
    /** Lets the time pass that a deleted file's last purge waits for, and sweeps until a tombstone is left. */
    purged: (id: string): Promise<unknown> =>
      untilIs(`${id} is purged`, async () => {
        const pk = `FILE#${id}`;
        const Key = marshall({ pk, sk: 'FILE' });
        const { Item } = await dynamodb.send(new GetItemCommand({ TableName: aws.table, Key }));
        if (Item?.status?.S === 'deleted') return true;
        await dynamodb
          .send(
            new UpdateItemCommand({
              TableName: aws.table,
              Key,
              UpdateExpression: 'SET purge.since = :past, due_at = :past, due_shard = :shard',
              ConditionExpression: 'attribute_exists(purge) AND attribute_not_exists(lease_token)',
              ExpressionAttributeValues: marshall({ ':past': 1, ':shard': dueShardOf(pk) }),
            }),
          )
          .then(() => aws.invoke('SweepLambdaFunction', {}))
          .catch((error: Error) => {
            if (error.name !== 'ConditionalCheckFailedException') throw error;
          });
        return false;
      }),
    /** Runs the sweep like its schedule, or with `{ reconcile: 'all' }` like an operator. */
    sweep: (event: { reconcile?: 'all' } = {}) => aws.invoke('SweepLambdaFunction', event),
    /** Creates a file and uploads it to the returned URL. Resolves to its id. */
    upload: async (filename: string, content: string, defaults?: object, by = api): Promise<string> => {
      const asked = { filename, size_bytes: Buffer.byteLength(content), ...(defaults && { defaults }) };
      const { id, upload } = (await (await by.send('/files', asked)).json()) as Upload;
      const { url, method, headers } = upload;
      const { status } = await fetch(url, { method, headers, body: content });
      if (status !== 200) throw new Error(`the upload of ${filename} was answered ${status}`);
      return id;
    },
    /** The newest file under a key, other than `but`. */
    fileAt: (key: string, but?: string): Promise<string> =>
      untilIs(`a file ${key}`, async () => {
        const { data } = (await api.get<{ data: FileView[] }>('/files?limit=100')).body;
        return data.find((file) => file.key === key && file.id !== but)?.id;
      }),
    fileEnded: (id: string, by = api): Promise<FileAnswer> =>
      untilIs(`the end of ${id}`, async () => {
        const file = (await by.get<FileAnswer>(`/files/${id}`)).body;
        return file.ended_at !== null && file;
      }),
    close: () => {
      for (const client of [s3, sqs, dynamodb]) client.destroy();
    },
  };
};

export type Actors = ReturnType<typeof makeActors>;
