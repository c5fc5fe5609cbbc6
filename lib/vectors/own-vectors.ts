import type { VectorIndex, VectorMetadata, VectorRecord } from './ports.ts';

/** The metadata field that names a vector's deployment. Callers' own fields begin with `metadata.`. */
const OWNER = 'deployment';

/** The deployment that wrote a vector; undefined for vectors from before they carried one. */
export const ownerOf = ({ metadata }: Pick<VectorRecord, 'metadata'>): unknown => metadata[OWNER];

/** A vector's metadata with its deployment, as `ownVectors` stores it. */
export const ownMetadata = (metadata: VectorMetadata, deployment: string): VectorMetadata => ({
  ...metadata,
  [OWNER]: deployment,
});

/** A vector's id without the mark of a deployment that found the id taken, see `ownVectors`. */
export const plainId = (storedId: string): string => storedId.split('@', 1)[0] ?? '';

/**
 * The part of an index that belongs to `deployment`. Other deployments may use the same index, even the same namespace:
 * their vectors are neither found nor changed. Vectors without a deployment's id count as this one's, because an
 * earlier version wrote none.
 *
 * Equal Idempotency-Keys of equal callers give equal run ids, so two deployments can need the same vector id. The second
 * one stores its vector as `{id}@{deployment}`; ids are always given and returned without that mark.
 *
 * @example
 * const vectors = ownVectors(makePineconeIndex(options), 'everytoken-dev-Table-1ABC');
 */
export const ownVectors = (index: VectorIndex, deployment: string): VectorIndex => {
  const markedId = (id: string): string => `${id}@${deployment}`;
  const isForeign = (record: VectorRecord): boolean =>
    ![undefined, deployment].includes(ownerOf(record) as string);
  const foreignIds = async (namespace: string, ids: string[]): Promise<Set<string>> =>
    new Set((await index.fetch(namespace, ids)).filter(isForeign).map(({ id }) => id));
  return {
    ensure: () => index.ensure(),
    upsert: async (namespace, records) => {
      const taken = await foreignIds(
        namespace,
        records.map(({ id }) => id),
      );
      const marked = records.map(({ id, values, metadata }) => ({
        id: taken.has(id) ? markedId(id) : id,
        values,
        metadata: ownMetadata(metadata, deployment),
      }));
      await index.upsert(namespace, marked);
    },
    fetch: async (namespace, ids) => {
      const own = (await index.fetch(namespace, ids)).filter((record) => !isForeign(record));
      const found = new Set(own.map(({ id }) => id));
      const others = ids.filter((id) => !found.has(id));
      own.push(...(await index.fetch(namespace, others.map(markedId))));
      return own.map(({ id, values, metadata }) => ({
        id: plainId(id),
        values,
        metadata: withoutOwner(metadata),
      }));
    },
    // Ids that the fetch does not show are deleted, too: a read may lag behind a write.
    delete: async (namespace, ids) => {
      const taken = await foreignIds(namespace, ids);
      await index.delete(namespace, [...ids.filter((id) => !taken.has(id)), ...ids.map(markedId)]);
    },
    query: async (namespace, vector, { topK, filter }) => {
      const own = { $or: [{ [OWNER]: { $eq: deployment } }, { [OWNER]: { $exists: false } }] };
      const matches = await index.query(namespace, vector, {
        topK,
        filter: filter === undefined ? own : { $and: [filter, own] },
      });
      return matches.map(({ id, score, metadata }) => ({
        id: plainId(id),
        score,
        metadata: withoutOwner(metadata),
      }));
    },
  };
};

const withoutOwner = ({ [OWNER]: _, ...metadata }: VectorMetadata): VectorMetadata => metadata;
