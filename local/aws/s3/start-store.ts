import { type Duplex, duplexPair } from 'node:stream';
import { buildApp } from 'fauxqs';
import type { Bucket } from '../template/stack-model.ts';
import { listInOrder } from './list-in-order.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type S3Store = Stores['s3Store'];
type Persistence = NonNullable<S3Store['persistence']> & {
  db: { exec: (sql: string) => void };
  loadS3: (store: S3Store) => void;
  close: () => void;
};

/** The file in the store's folder; fauxqs chooses its name. */
export const STORE_FILE = 'fauxqs.db';

/**
 * Loads the parts of fauxqs that keep objects. It exports only its app, whose own start listens on every interface, so
 * they are put together here.
 */
const loadParts = async (folder: string): Promise<{ s3Store: S3Store; persistence: Persistence }> => {
  const part = (path: string) => import(new URL(path, import.meta.resolve('fauxqs')).href);
  const [s3, files] = await Promise.all(['./s3/s3Store.js', './persistence.js'].map(part));
  return { s3Store: new s3.S3Store(), persistence: new files.PersistenceManager(folder) };
};

export type StoreOptions = { folder: string; buckets: readonly Bucket[]; region: string };
/** S3 as fauxqs serves it: no notifications, no digests compared, and unsupported options are ignored. */
export type ObjectStoreServer = {
  /** Opens a connection to it. */
  connect: () => Duplex;
  /** Cuts the open connections, too. */
  close: () => Promise<void>;
};

/**
 * Starts the store of objects on a folder, and creates the template's buckets. The store asks nobody who they are, so
 * it listens nowhere: its connections are pairs of streams in this process, and no other can open one.
 */
export const startStore = async ({ folder, buckets, region }: StoreOptions): Promise<ObjectStoreServer> => {
  const { s3Store, persistence } = await loadParts(folder);
  s3Store.listObjects = listInOrder(s3Store.listObjects.bind(s3Store));
  // `NORMAL` survives kill -9. `FULL` would wait for the disk at every write and so hold up the gateway.
  persistence.db.exec('PRAGMA synchronous = NORMAL');
  persistence.loadS3(s3Store);
  s3Store.persistence = persistence;
  for (const { name } of buckets) if (!s3Store.hasBucket(name)) s3Store.createBucket(name);
  const stores = { s3Store } as Stores; // it makes the others itself
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  app.addHook('onClose', async () => persistence.close());
  await app.ready();
  const open = new Set<Duplex>();
  return {
    connect: () => {
      const [own, remote] = duplexPair();
      open.add(own);
      own.once('close', () => {
        open.delete(own);
        remote.destroy();
      });
      remote.once('close', () => own.destroy());
      app.server.emit('connection', remote);
      return own;
    },
    close: async () => {
      for (const connection of open) connection.destroy();
      await app.close();
    },
  };
};
