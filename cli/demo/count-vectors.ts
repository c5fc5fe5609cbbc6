import { setTimeout as pause } from 'node:timers/promises';
import { Pinecone } from '@pinecone-database/pinecone';

const POLL_EVERY_MS = 100;

type VectorService = { pinecone: string; index: string; apiKey: string };

/** The number of vectors by the index's own statistics, over all namespaces: the API does not tell it. */
export const countVectors = async ({ pinecone, index, apiKey }: VectorService): Promise<number> => {
  const client = new Pinecone({ apiKey, controllerHostUrl: pinecone });
  const { host } = await client.indexes.describe(index);
  const { totalRecordCount = 0 } = await client.index({ host: host ?? '' }).describeIndexStats();
  return totalRecordCount;
};

/** Polls until a value is as wanted, or `limitMs` have passed. Resolves to the last value read in both cases. */
export const readUntil = async <T>(
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
  limitMs: number,
): Promise<T> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isWanted(value) || performance.now() > end) return value;
    await pause(POLL_EVERY_MS);
  }
};
