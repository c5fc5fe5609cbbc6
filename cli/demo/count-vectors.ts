import { Pinecone } from '@pinecone-database/pinecone';

export type VectorService = { pinecone: string; index: string; apiKey: string };

/** How many vectors the index itself says it holds, over all namespaces. */
export const countVectors = async ({ pinecone, index, apiKey }: VectorService): Promise<number> => {
  const client = new Pinecone({ apiKey, controllerHostUrl: pinecone });
  const { host } = await client.indexes.describe(index);
  const { totalRecordCount = 0 } = await client.index({ host: host ?? '' }).describeIndexStats();
  return totalRecordCount;
};
