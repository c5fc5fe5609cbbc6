import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type AwsKey, keyOfFunction, keysOf, keyVariables, newAwsKey } from '../../local/aws/credentials.ts';
import { startEventBus } from '../../local/aws/events/start-event-bus.ts';
import { functionEnvironment } from '../../local/aws/function-environment.ts';
import { makeQueueSender } from '../../local/aws/queue-sender.ts';
import { startS3 } from '../../local/aws/s3/start-s3.ts';
import { STORE_FILE } from '../../local/aws/s3/start-store.ts';
import { startSqs } from '../../local/aws/sqs/start-sqs.ts';
import { startDynamoDb } from '../../local/aws/start-dynamodb.ts';
import type { LambdaFunction, StackModel } from '../../local/aws/template/stack-model.ts';
import { startOpenaiProcess } from '../../local/openai/start-process.ts';
import { startPinecone } from '../../local/pinecone/server.ts';

export type Services = {
  dynamodb: string;
  s3: string;
  sqs: string;
  openai: { url: string; apiKey: string };
  /** The access key of the AWS services. */
  credentials: AwsKey;
  queueUrl: (queueName: string) => string;
  /** All variables of a function: Lambda's own, the template's, and the addresses of this machine's services. */
  environmentOf: (fn: LambdaFunction, folder: string) => Record<string, string>;
  close: () => Promise<void>;
};

export type ServicesOptions = {
  model: StackModel;
  dataDir: string;
  /** The cache folder of the local language model. */
  modelCache: string;
  /** The URL of a running DynamoDB, in which the tables are created; undefined: the local stack's own starts. */
  dynamodb?: string | undefined;
  log: (line: string) => void;
};

const makeTables = async (
  endpoint: string,
  { tables, region }: StackModel,
  credentials: AwsKey,
): Promise<string> => {
  const client = new DynamoDBClient({ endpoint, region, credentials });
  for (const { definition } of tables) await client.send(new CreateTableCommand(definition));
  client.destroy();
  return endpoint;
};

/** Starts the local stack's stores, queues, bus and model servers, without its functions: these run elsewhere. */
export const startServices = async (options: ServicesOptions): Promise<Services> => {
  const { model, dataDir, modelCache, log } = options;
  const { region, account } = model;
  const key = newAwsKey();
  const keys = keysOf(key, model.functions.values());
  const closers: (() => unknown)[] = [];
  const opened = async <T extends { close: () => unknown }>(opening: Promise<T>): Promise<T> => {
    const service = await opening;
    closers.push(() => service.close());
    return service;
  };
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    for (const folder of ['sqs-s3', 'pinecone']) mkdirSync(join(dataDir, folder), { recursive: true });
    const dynamodb =
      options.dynamodb === undefined
        ? (await opened(startDynamoDb({ folder: join(dataDir, 'dynamodb'), ...model, key, keys }))).url
        : await makeTables(options.dynamodb, model, key);
    const objects = join(dataDir, 'sqs-s3');
    const queues = await opened(
      startSqs({ folder: join(dataDir, 'sqs'), before: join(objects, STORE_FILE), ...model, keys, log }),
    );
    const sqs = new SQSClient({ region, endpoint: queues.url, credentials: key });
    closers.push(() => sqs.destroy());
    const sendToQueue = makeQueueSender(sqs, queues.queueUrl);
    const s3 = await opened(
      startS3({ folder: objects, buckets: model.buckets, region, keys, sendToQueue, log }),
    );
    const events = await opened(
      startEventBus({ buses: model.buses, rules: model.rules, account, region, keys, sendToQueue, log }),
    );
    const openai = await opened(startOpenaiProcess({ pace: 90, cacheDir: modelCache }));
    const pinecone = await opened(startPinecone({ file: join(dataDir, 'pinecone', 'vectors.sqlite') }));
    const overrides = {
      OPENAI_BASE_URL: openai.url,
      OPENAI_API_KEY: openai.apiKey,
      DEFAULT_MODEL: 'everytoken-ngram',
      EMBEDDING_BASE_URL: openai.url,
      EMBEDDING_API_KEY: openai.apiKey,
      EMBEDDING_MODEL: 'everytoken-use',
      PINECONE_API_KEY: pinecone.apiKey,
      PINECONE_CONTROLLER_HOST: pinecone.url,
      ANONYMOUS_CALLER: 'local',
    };
    const endpoints = { dynamodb, s3: s3.url, sqs: queues.url, events: events.url };
    return {
      ...{ dynamodb, s3: s3.url, sqs: queues.url, openai, credentials: key, close },
      queueUrl: queues.queueUrl,
      environmentOf: (fn, folder) =>
        functionEnvironment({
          ...{ fn, endpoints, region, folder, overrides, credentials: keyVariables(keyOfFunction(key, fn)) },
          queueUrl: queues.queueUrl,
          userEnv: process.env,
        }),
    };
  } catch (error) {
    await close();
    throw error;
  }
};
