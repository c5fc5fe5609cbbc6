import type { JsonObject } from '../json.ts';
import { checkMetadataSize, type Metadata, parseMetadata } from './metadata.ts';
import { parseMetadataFilter } from './metadata-filter.ts';
import { invalid } from './pinecone-error.ts';
import { asFlag, asObject, isAbsent, parseNamespace } from './request-input.ts';
import type { VectorIndex } from './vector-index.ts';
import {
  parseId,
  parseIds,
  parseRecords,
  parseStoredValues,
  refuseSparse,
  type VectorRecord,
} from './vector-input.ts';

const MAX_UPDATED_BY_FILTER = 100_000;

/** `POST /vectors/upsert` replaces whole records of the same id. Within one request the last one of an id wins. */
export const upsertVectors = (index: VectorIndex, body: unknown): object => {
  const input = asObject(body, 'the body');
  const records = parseRecords(input.vectors, index.definition.dimension);
  index.upsert(parseNamespace(input.namespace), records);
  return { upsertedCount: records.length };
};

/**
 * The records that pass a filter.
 *
 * @throws {PineconeError} INVALID_ARGUMENT for an empty filter, which would mean all records.
 */
export const filtered = (index: VectorIndex, namespace: string, filter: unknown): VectorRecord[] => {
  const passes = parseMetadataFilter(filter);
  if (Object.keys(asObject(filter, 'filter')).length === 0) throw invalid('filter must not be empty');
  return index.records(namespace).filter((record) => passes(record.metadata ?? {}));
};

const withMetadata = (record: VectorRecord, changes: Metadata): VectorRecord => ({
  ...record,
  metadata: checkMetadataSize({ ...record.metadata, ...changes }),
});

const updateOne = (index: VectorIndex, namespace: string, input: JsonObject): object => {
  const id = parseId(input.id);
  const changes = isAbsent(input.setMetadata) ? undefined : parseMetadata(input.setMetadata);
  const vector = isAbsent(input.values)
    ? undefined
    : parseStoredValues(id, input.values, index.definition.dimension);
  if (changes === undefined && vector === undefined)
    throw invalid('an update must carry values or setMetadata');
  const record = index.find(namespace, id);
  // As in Pinecone, an update of an absent record changes nothing and is not an error.
  if (record === undefined) return {};
  const updated = changes === undefined ? record : withMetadata(record, changes);
  index.upsert(namespace, [{ ...updated, ...vector }]);
  return {};
};

const updateByFilter = (index: VectorIndex, namespace: string, input: JsonObject): object => {
  if (!isAbsent(input.values)) throw invalid('an update by filter cannot carry values');
  const changes = parseMetadata(input.setMetadata);
  const matching = filtered(index, namespace, input.filter);
  if (matching.length > MAX_UPDATED_BY_FILTER) {
    throw invalid(
      `an update by filter may change at most ${MAX_UPDATED_BY_FILTER} records, got ${matching.length}`,
    );
  }
  const updated = matching.map((record) => withMetadata(record, changes));
  if (!asFlag(input.dryRun, 'dryRun') && updated.length > 0) index.upsert(namespace, updated);
  return { matchedRecords: matching.length };
};

/** `POST /vectors/update` changes one record by `id` (values, metadata), or the metadata of all that pass `filter`. */
export const updateVectors = (index: VectorIndex, body: unknown): object => {
  const input = asObject(body, 'the body');
  const namespace = parseNamespace(input.namespace);
  refuseSparse(input.sparseValues);
  if (isAbsent(input.id) === isAbsent(input.filter)) throw invalid('an update takes either id or filter');
  return isAbsent(input.filter)
    ? updateOne(index, namespace, input)
    : updateByFilter(index, namespace, input);
};

/** `POST /vectors/delete` deletes by `ids` or by `filter`; `deleteAll` removes the namespace. */
export const deleteVectors = (index: VectorIndex, body: unknown): object => {
  const input = asObject(body, 'the body');
  const namespace = parseNamespace(input.namespace);
  const everything = asFlag(input.deleteAll, 'deleteAll');
  const given = [everything, !isAbsent(input.ids), !isAbsent(input.filter)].filter(Boolean).length;
  if (given !== 1) throw invalid('a delete takes one of ids, filter and deleteAll');
  if (everything) index.dropNamespace(namespace);
  else if (!isAbsent(input.ids)) index.delete(namespace, parseIds(input.ids));
  else {
    const matching = filtered(index, namespace, input.filter);
    index.delete(
      namespace,
      matching.map(({ id }) => id),
    );
  }
  return {};
};
