import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { makeSecret, withKey } from '../../lib/adapters/settings/secrets.ts';
import { ownVectors } from '../../lib/vectors/own-vectors.ts';
import type { VectorIndex, VectorList } from '../../lib/vectors/ports.ts';

/** Builds the vector index with this deployment's vectors alone. It reads its key and loads its client at the first call. */
export const composeVectors = (config: Configuration): VectorIndex =>
  ownVectors(composeSharedVectors(config), config.deployment);

/** Builds the vector index with the vectors of all deployments that share it. */
export const composeSharedVectors = ({ pinecone, embedding }: Configuration): VectorIndex => {
  const use = withKey(makeSecret(pinecone.apiKey, 'PINECONE_API_KEY'), async (apiKey) => {
    const { makePineconeIndex } = await import('../../lib/adapters/pinecone/vector-index.ts');
    return makePineconeIndex({
      apiKey,
      controllerHost: pinecone.controllerHost,
      indexName: pinecone.index,
      dimension: embedding.dimensions,
    });
  });
  return {
    ensure: () => use((index) => index.ensure()),
    upsert: (namespace, records) => use((index) => index.upsert(namespace, records)),
    fetch: (namespace, ids) => use((index) => index.fetch(namespace, ids)),
    delete: (namespace, ids) => use((index) => index.delete(namespace, ids)),
    query: (namespace, vector, options) => use((index) => index.query(namespace, vector, options)),
  };
};

/** Builds the list of all that the index holds. It reads its key and loads its client at the first call. */
export const composeVectorList = ({ pinecone }: Configuration): VectorList => {
  const use = withKey(makeSecret(pinecone.apiKey, 'PINECONE_API_KEY'), async (apiKey) => {
    const { makePineconeVectorList } = await import('../../lib/adapters/pinecone/vector-list.ts');
    return makePineconeVectorList({
      apiKey,
      controllerHost: pinecone.controllerHost,
      indexName: pinecone.index,
    });
  });
  return {
    namespaces: () => use((list) => list.namespaces()),
    ids: async function* (namespace) {
      const list = await use(async (known) => known);
      yield* list.ids(namespace);
    },
  };
};
