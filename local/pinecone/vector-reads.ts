import { shortestDecimal } from './float32.ts';
import { parseMetadataFilter } from './metadata-filter.ts';
import { cutPage, parsePageLimit, parsePageToken } from './page.ts';
import { asObject, isAbsent, parseNamespace } from './request-input.ts';
import { filtered } from './vector-changes.ts';
import type { VectorIndex } from './vector-index.ts';
import { parseIds, type VectorRecord } from './vector-input.ts';

/** Every read counts as one unit here. In Pinecone the units depend on the size of the namespace. */
export const USAGE = { usage: { readUnits: 1 } };

const MAX_FETCHED_BY_METADATA = 1_000;

/** Records by id, in the shape of a fetch's answer. */
const byId = (records: readonly VectorRecord[]): object =>
  // Not by assignment, since an id may be `__proto__`.
  Object.fromEntries(
    records.map(({ id, values, metadata }) => [
      id,
      { id, values: Array.from(values, shortestDecimal), ...(metadata === undefined ? {} : { metadata }) },
    ]),
  );

/** `GET /vectors/fetch?ids=…` returns records by id; absent ids are left out. */
export const fetchVectors = (index: VectorIndex, params: URLSearchParams): object => {
  const namespace = parseNamespace(params.get('namespace'));
  const found = parseIds(params.getAll('ids')).flatMap((id) => index.find(namespace, id) ?? []);
  return { vectors: byId(found), namespace, ...USAGE };
};

/** `POST /vectors/fetch_by_metadata` returns the records that pass a filter, in pages ordered by id. */
export const fetchByMetadata = (index: VectorIndex, body: unknown): object => {
  const input = asObject(body, 'the body');
  const namespace = parseNamespace(input.namespace);
  const limit = parsePageLimit(input.limit, MAX_FETCHED_BY_METADATA);
  const after = parsePageToken(input.paginationToken);
  const rest = filtered(index, namespace, input.filter)
    .filter(({ id }) => id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { items, next } = cutPage(rest, limit, ({ id }) => id);
  return { vectors: byId(items), namespace, ...USAGE, ...next };
};

/** `GET /vectors/list` returns ids by prefix, in pages of at most 100. */
export const listVectors = (index: VectorIndex, params: URLSearchParams): object => {
  const namespace = parseNamespace(params.get('namespace'));
  const limit = parsePageLimit(params.get('limit'));
  const after = parsePageToken(params.get('paginationToken'));
  const ids = index.listIds(namespace, { prefix: params.get('prefix') ?? '', after, limit: limit + 1 });
  const { items, next } = cutPage(ids, limit, (id) => id);
  return { vectors: items.map((id) => ({ id })), namespace, ...USAGE, ...next };
};

/** `/describe_index_stats` counts records by namespace; with a filter, only those that pass it. */
export const describeStats = (index: VectorIndex, body: unknown): object => {
  const { filter } = asObject(body, 'the body');
  const passes = isAbsent(filter) ? undefined : parseMetadataFilter(filter);
  const counts = index
    .namespaces()
    .map(({ name, count }): [string, number] => [
      name,
      passes ? index.records(name).filter(({ metadata }) => passes(metadata ?? {})).length : count,
    ]);
  return {
    namespaces: Object.fromEntries(counts.map(([name, vectorCount]) => [name, { vectorCount }])),
    dimension: index.definition.dimension,
    metric: index.definition.metric,
    vectorType: 'dense',
    indexFullness: 0,
    memoryFullness: 0,
    storageFullness: 0,
    totalVectorCount: counts.reduce((total, [, count]) => total + count, 0),
  };
};
