import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buildApp } from 'fauxqs';
import { listInOrder } from './s3/list-in-order.ts';
import type { Bucket, Queue } from './template/stack-model.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Persistence = NonNullable<Stores['sqsStore']['persistence']>;

/**
 * Loads the stores of fauxqs, which exports only its app. The parts are put together here because fauxqs's own start
 * listens on every interface.
 */
const loadParts = async () => {
  const part = (path: string) => import(new URL(path, import.meta.resolve('fauxqs')).href);
  const [sqs, sns, s3, persistence] = await Promise.all(
    ['./sqs/sqsStore.js', './sns/snsStore.js', './s3/s3Store.js', './persistence.js'].map(part),
  );
  return {
    stores: {
      sqsStore: new sqs.SqsStore(),
      snsStore: new sns.SnsStore(),
      s3Store: new s3.S3Store(),
    } as Stores,
    makePersistence: (folder: string): Persistence => new persistence.PersistenceManager(folder),
  };
};

export type QueuesAndObjects = {
  /** The address of SQS, and of S3 as fauxqs serves it: no notifications, and unsupported options are ignored. */
  url: string;
  queueUrl: (queueName: string) => string;
  close: () => Promise<void>;
};

export type QueuesAndObjectsOptions = {
  folder: string;
  queues: readonly Queue[];
  buckets: readonly Bucket[];
  region: string;
  account: string;
};

/**
 * Adapts the stored queues to this start. Stored queue URLs hold the port of the last start, so they are rewritten.
 * Messages in flight belonged to consumers that are gone, so they become visible at once.
 */
const refresh = (folder: string, baseUrl: string): void => {
  const database = new DatabaseSync(join(folder, 'fauxqs.db'));
  database.prepare("UPDATE sqs_queues SET url = ? || '/' || name").run(baseUrl);
  database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  database.close();
};

/** Starts SQS and S3 on a folder, and creates or updates the template's queues and buckets. */
export const startQueuesAndObjects = async (options: QueuesAndObjectsOptions): Promise<QueuesAndObjects> => {
  const { folder, queues, buckets, region, account } = options;
  const { stores, makePersistence } = await loadParts();
  const { sqsStore, snsStore, s3Store } = stores;
  s3Store.listObjects = listInOrder(s3Store.listObjects.bind(s3Store));
  sqsStore.host = ''; // queue URLs then carry the request's host, not a name that needs DNS
  const persistence = makePersistence(folder);
  // `NORMAL` survives kill -9. `FULL` would wait for the disk at every write and so hold up the gateway.
  // biome-ignore lint/complexity/useLiteralKeys: brackets reach a private member
  persistence['db'].exec('PRAGMA synchronous = NORMAL');
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  app.addHook('onClose', async () => persistence.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const queueUrl = (name: string) => `${url}/${account}/${name}`;

  refresh(folder, `${url}/${account}`);
  persistence.load(sqsStore, snsStore, s3Store);
  sqsStore.persistence = persistence;
  s3Store.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;

  for (const { name, arn, attributes } of queues) {
    const existing = sqsStore.getQueueByName(name);
    if (existing)
      existing.setAttributes({ RedrivePolicy: '', ...attributes }); // '' removes one that the template no longer has
    else sqsStore.createQueue(name, queueUrl(name), arn, attributes);
  }
  for (const { name } of buckets) if (!s3Store.hasBucket(name)) s3Store.createBucket(name);
  return { url, queueUrl, close: () => app.close() };
};
