import { makeOpenAIEmbedder } from '../../lib/adapters/openai/embedder.ts';
import { makePineconeIndex } from '../../lib/adapters/pinecone/vector-index.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { makeSecret, withKey } from '../../lib/adapters/settings/secrets.ts';
import { isOpenAI } from '../../lib/sampling/server.ts';
import type { Embedder, VectorIndex } from '../../lib/vectors/ports.ts';

/** Builds the embedder, which reads its key at the first call. */
export const composeEmbedder = ({ embedding }: Configuration): Embedder => {
  const { model, dimensions, baseUrl } = embedding;
  const use = withKey(makeSecret(embedding.apiKey, 'EMBEDDING_API_KEY'), (apiKey) =>
    makeOpenAIEmbedder({ apiKey, model, dimensions, baseUrl }),
  );
  return {
    model,
    dimensions,
    provider: baseUrl === undefined || isOpenAI(baseUrl) ? 'openai' : 'other',
    embed: (texts, signal) => use((embedder) => embedder.embed(texts, signal)),
  };
};

/** Builds the vector index, which reads its key at the first call. */
export const composeVectors = ({ pinecone, embedding }: Configuration): VectorIndex => {
  const use = withKey(makeSecret(pinecone.apiKey, 'PINECONE_API_KEY'), (apiKey) =>
    makePineconeIndex({
      apiKey,
      controllerHost: pinecone.controllerHost,
      indexName: pinecone.index,
      dimension: embedding.dimensions,
    }),
  );
  return {
    ensure: () => use((index) => index.ensure()),
    upsert: (namespace, records) => use((index) => index.upsert(namespace, records)),
    fetch: (namespace, ids) => use((index) => index.fetch(namespace, ids)),
    delete: (namespace, ids) => use((index) => index.delete(namespace, ids)),
    query: (namespace, vector, options) => use((index) => index.query(namespace, vector, options)),
  };
};
