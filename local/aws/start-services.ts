import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Closer, opened } from '../closers.ts';
import type { DiskProblem } from '../disk.ts';
import type { AwsKey } from './credentials.ts';
import { startEventBus } from './events/start-event-bus.ts';
import { type ForeignEndpoints, findForeign } from './foreign-services.ts';
import type { Endpoints } from './function-environment.ts';
import { makeQueueSender } from './queue-sender.ts';
import { startS3 } from './s3/start-s3.ts';
import { STORE_FILE } from './s3/start-store.ts';
import type { KeyRing } from './signing/signature.ts';
import { startSqs } from './sqs/start-sqs.ts';
import { type PrepareTable, startDynamoDb } from './start-dynamodb.ts';
import type { StackModel } from './template/stack-model.ts';

export type ServicesOptions = {
  dataDir: string;
  /** The user's own services, which are not started here. */
  given: ForeignEndpoints;
  userEnv: NodeJS.ProcessEnv;
  /** The key of this stack, by which its own requests to the local services are signed. */
  key: AwsKey;
  /** All access keys that the local services know. */
  keys: KeyRing;
  /** Says why the stores serve nothing now, such as for a full disk. */
  disk: DiskProblem;
  prepareTable: PrepareTable | undefined;
  log: (line: string) => void;
};

export type Services = { endpoints: Endpoints; sqs: SQSClient; queueUrl: (queueName: string) => string };

/** Starts DynamoDB, SQS, S3 and EventBridge, except those for which the user gave an endpoint. */
export const startServices = async (
  model: StackModel,
  { dataDir, given, userEnv, key, keys, disk, prepareTable, log }: ServicesOptions,
  closers: Closer[],
): Promise<Services> => {
  const { region, account, tables, buckets, buses, rules } = model;
  const foreignQueueUrls = await findForeign(model, given, userEnv);
  const dynamodb =
    given.dynamodb ??
    (
      await opened(
        closers,
        startDynamoDb({ folder: join(dataDir, 'dynamodb'), tables, region, key, keys, disk, prepareTable }),
      )
    ).url;
  const objects = join(dataDir, 'sqs-s3');
  const queues =
    given.sqs === undefined
      ? await opened(
          closers,
          startSqs({
            folder: join(dataDir, 'sqs'),
            before: join(objects, STORE_FILE),
            ...model,
            keys,
            disk,
            log,
          }),
        )
      : undefined;
  const sqs = given.sqs ?? queues?.url ?? '';
  const queueUrl = (name: string): string => foreignQueueUrls.get(name) ?? queues?.queueUrl(name) ?? '';
  const client = new SQSClient({ region, endpoint: sqs, ...(queues && { credentials: key }) });
  closers.push(() => client.destroy());
  const sendToQueue = makeQueueSender(client, queueUrl);
  const s3 =
    given.s3 ??
    (await opened(closers, startS3({ folder: objects, buckets, region, keys, sendToQueue, disk, log }))).url;
  const events =
    given.events ??
    (await opened(closers, startEventBus({ buses, rules, account, region, keys, sendToQueue, log }))).url;
  return { endpoints: { dynamodb, s3, sqs, events }, sqs: client, queueUrl };
};
