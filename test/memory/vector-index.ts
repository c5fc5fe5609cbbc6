import { ConfigurationError, UpstreamError } from '../../lib/errors.ts';
import type { VectorIndex, VectorList, VectorMetadata, VectorRecord } from '../../lib/vectors/ports.ts';
import { copyOf } from './copy.ts';

type Namespaces = ReadonlyMap<string, ReadonlyMap<string, VectorRecord>>;
type Filter = Record<string, unknown>;

/** Vectors in maps, searched exactly by cosine, with the subset of Pinecone's filters that everytoken uses. */
export const makeMemoryVectorIndex = ({
  dimension,
  indexDimension = dimension,
}: {
  dimension: number;
  /** The dimension of the existing index; one other than `dimension` is refused, as in the Pinecone adapter. */
  indexDimension?: number;
}): VectorIndex & { namespaces: Map<string, Map<string, VectorRecord>> } => {
  const namespaces = new Map<string, Map<string, VectorRecord>>();
  const within = (namespace: string) => namespaces.get(namespace) ?? new Map<string, VectorRecord>();
  return {
    namespaces,
    ensure: async () => {
      if (indexDimension !== dimension) {
        throw new ConfigurationError(
          `the index has ${indexDimension} dimensions, the embedding model gives ${dimension}`,
          {
            code: 'index_dimension_mismatch',
          },
        );
      }
    },
    upsert: async (namespace, records) => {
      const wrong = records.find(
        ({ values }) => values.length !== dimension || !values.every(Number.isFinite),
      );
      if (wrong) {
        throw new UpstreamError(
          'pinecone',
          `Vector dimension ${wrong.values.length} does not match ${dimension}`,
          {
            retryable: false,
            status: 400,
          },
        );
      }
      const records_ = within(namespace);
      for (const record of records) records_.set(record.id, copyOf(record));
      if (records.length > 0) namespaces.set(namespace, records_);
    },
    fetch: async (namespace, ids) =>
      ids.flatMap((id) => {
        const record = within(namespace).get(id);
        return record ? [copyOf(record)] : [];
      }),
    delete: async (namespace, ids) => {
      for (const id of ids) within(namespace).delete(id);
    },
    query: async (namespace, vector, { topK, filter }) =>
      [...within(namespace).values()]
        .filter(({ metadata }) => filter === undefined || passes(metadata, filter))
        .map(({ id, values, metadata }) => ({
          id,
          score: cosine(vector, values),
          metadata: copyOf(metadata),
        }))
        .sort((a, b) => b.score - a.score)
        .slice(0, topK),
  };
};

/** Lists what is in a memory index, two ids a page. */
export const makeMemoryVectorList = ({ namespaces }: { namespaces: Namespaces }): VectorList => ({
  namespaces: async () => [...namespaces].map(([name, { size }]) => ({ name, vectors: size })),
  ids: async function* (namespace) {
    const ids = [...(namespaces.get(namespace)?.keys() ?? [])];
    for (let at = 0; at < ids.length; at += 2) yield ids.slice(at, at + 2);
  },
});

const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

const passes = (metadata: VectorMetadata, filter: Filter): boolean =>
  Object.entries(filter).every(([key, condition]) => {
    const parts = Array.isArray(condition) ? (condition as Filter[]) : [];
    if (key === '$and') return parts.every((part) => passes(metadata, part));
    if (key === '$or') return parts.some((part) => passes(metadata, part));
    const value = metadata[key];
    return Object.entries(condition as Filter).every(([operator, operand]) =>
      holds(operator, value, operand),
    );
  });

const holds = (operator: string, value: VectorMetadata[string] | undefined, operand: unknown): boolean => {
  if (operator === '$exists') return (value !== undefined) === operand;
  if (operator === '$eq')
    return Array.isArray(value) ? value.some((item) => item === operand) : value === operand;
  if (operator === '$in')
    return (
      Array.isArray(operand) && value !== undefined && [value].flat().some((item) => operand.includes(item))
    );
  if (typeof value !== 'number' || typeof operand !== 'number') return false;
  if (operator === '$gt') return value > operand;
  if (operator === '$gte') return value >= operand;
  if (operator === '$lt') return value < operand;
  if (operator === '$lte') return value <= operand;
  throw new Error(`the memory index has no filter operator ${operator}`);
};
