import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Pinecone } from '@pinecone-database/pinecone';
import { unmarshall } from '../../lib/adapters/dynamodb/attribute-value.ts';
import { awsCredentialsIn, type StackFile } from '../../local/stack-file.ts';

/** Pinecone's own SDK on the address, and with the key, of a stack.json. */
export const pineconeOf = ({ pinecone, credentials }: StackFile): Pinecone =>
  new Pinecone({ apiKey: credentials.pinecone ?? '', controllerHostUrl: pinecone });

/** AWS's own SDK clients on the addresses, and with the access key, of a stack.json. */
export const awsClients = (file: StackFile) => {
  const common = { region: 'us-east-1', ...awsCredentialsIn(file) };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: file.dynamodb });
  const s3 = new S3Client({ ...common, endpoint: file.s3, forcePathStyle: true });
  const sqs = new SQSClient({ ...common, endpoint: file.sqs });
  const events = new EventBridgeClient({ ...common, endpoint: file.events });
  const [Bucket = ''] = Object.values(file.buckets);
  return {
    dynamodb,
    s3,
    sqs,
    events,
    /** The run item, as plain values. */
    runItem: async (id: string): Promise<Record<string, unknown> | undefined> => {
      const Key = { pk: { S: `RUN#${id}` }, sk: { S: 'RUN' } };
      const get = new GetItemCommand({ TableName: file.table, Key, ConsistentRead: true });
      const { Item } = await dynamodb.send(get);
      return Item && unmarshall(Item);
    },
    keys: async (Prefix: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
        found.push(...Contents.map(({ Key = '' }) => Key));
      }
      return found;
    },
    text: async (Key: string): Promise<string> =>
      (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '',
    /** Number of messages of a queue (by its logical id) that are waiting or in flight. */
    waiting: async (queue: string): Promise<number> => {
      const ask = new GetQueueAttributesCommand({ QueueUrl: file.queues[queue], AttributeNames: ['All'] });
      const { Attributes = {} } = await sqs.send(ask);
      const { ApproximateNumberOfMessages: ready, ApproximateNumberOfMessagesNotVisible: taken } = Attributes;
      return Number(ready) + Number(taken);
    },
    destroy: () => {
      for (const client of [dynamodb, s3, sqs, events]) client.destroy();
    },
  };
};

export type AwsClients = ReturnType<typeof awsClients>;
