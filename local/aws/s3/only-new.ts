import { S3Error } from './s3-error.ts';

const existing = (): S3Error =>
  new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');

const conflict = (): S3Error =>
  new S3Error(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
  );

/** A write of one object. */
export type Write = {
  key: string;
  /** Whether it may only create the object (`If-None-Match: *`). */
  isNew: boolean;
  exists: () => Promise<boolean>;
};

/** Stores an object in the turn of its write: until it has ended, no other write stores anything under that key. */
export type InTurn = <T>(store: () => Promise<T>) => Promise<T>;

/**
 * Makes writes with `If-None-Match: *` create an object and never replace one. While such a write is under way, from
 * its first byte on, another such write of the key is refused with 409.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const makeWrites = (): (<T>(write: Write, work: (inTurn: InTurn) => Promise<T>) => Promise<T>) => {
  const creating = new Set<string>();
  const last = new Map<string, Promise<unknown>>();

  const takeTurn = async <T>(key: string, store: () => Promise<T>): Promise<T> => {
    const before = last.get(key);
    const mine = (async () => {
      await before;
      return store();
    })();
    const ended = mine.catch(() => {});
    last.set(key, ended);
    try {
      return await mine;
    } finally {
      if (last.get(key) === ended) last.delete(key);
    }
  };

  return async ({ key, isNew, exists }, work) => {
    if (!isNew) return work((store) => takeTurn(key, store));
    const refuseExisting = async () => {
      if (await exists()) throw existing();
    };
    if (creating.has(key)) throw conflict();
    creating.add(key);
    try {
      await refuseExisting(); // before the body is read
      return await work((store) =>
        takeTurn(key, async () => {
          await refuseExisting();
          return store();
        }),
      );
    } finally {
      creating.delete(key);
    }
  };
};
