import { checkMetadataSize, type Metadata, parseMetadata } from './metadata.ts';
import { invalid } from './pinecone-error.ts';
import { asObject, asString, isAbsent } from './request-input.ts';
import { type Measured, measured } from './similarity.ts';

/** A stored record. It is immutable. */
export type VectorRecord = Measured & { id: string; metadata: Metadata | undefined };

const MAX_ID_CHARACTERS = 512;
const MAX_UPSERT_RECORDS = 1_000;
const NOT_ASCII = /\P{ASCII}/u;

export const parseId = (value: unknown): string => {
  const id = asString(value, 'Vector ID');
  if (id === '') throw invalid('Vector ID must not be empty');
  if (id.length > MAX_ID_CHARACTERS) {
    throw invalid(`Vector ID must be at most ${MAX_ID_CHARACTERS} characters, got ${id.length}`);
  }
  if (NOT_ASCII.test(id)) throw invalid(`Vector ID must be ASCII, but got '${id}'`);
  return id;
};

/** Parses a vector: finite numbers, as many as the index has dimensions. */
export const parseValues = (value: unknown, dimension: number): Measured => {
  if (!Array.isArray(value)) throw invalid('vector values must be a list of numbers');
  if (value.length !== dimension) {
    throw invalid(`Vector dimension ${value.length} does not match the dimension of the index ${dimension}`);
  }
  const values = new Float32Array(dimension);
  for (const [i, item] of value.entries()) {
    values[i] = typeof item === 'number' ? item : Number.NaN;
    if (!Number.isFinite(values[i]))
      throw invalid(`vector values must be finite 32-bit numbers (position ${i})`);
  }
  return measured(values);
};

export const refuseSparse = (value: unknown): void => {
  if (!isAbsent(value)) throw invalid('Index configuration does not support sparse values');
};

/** Parses the values of a record. As in Pinecone, they must not all be zero: such a vector has no direction. */
export const parseStoredValues = (id: string, value: unknown, dimension: number): Measured => {
  const vector = parseValues(value, dimension);
  if (vector.values.every((item) => item === 0)) {
    throw invalid(
      `Dense vectors must contain at least one non-zero value. Vector ID '${id}' contains only zeros`,
    );
  }
  return vector;
};

const parseRecord = (value: unknown, dimension: number): VectorRecord => {
  const input = asObject(value, 'a vector');
  const id = parseId(input.id);
  refuseSparse(input.sparseValues);
  const metadata = isAbsent(input.metadata) ? undefined : checkMetadataSize(parseMetadata(input.metadata));
  return { id, metadata, ...parseStoredValues(id, input.values, dimension) };
};

/** Parses the 1 to 1,000 records of an upsert. One invalid record fails all of them. */
export const parseRecords = (value: unknown, dimension: number): VectorRecord[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalid('No vectors to upsert');
  if (value.length > MAX_UPSERT_RECORDS) {
    throw invalid(`The number of vectors must be at most ${MAX_UPSERT_RECORDS}, got ${value.length}`);
  }
  return value.map((item) => parseRecord(item, dimension));
};

/** Parses the 1 to 1,000 ids of a fetch or a delete. */
export const parseIds = (value: unknown): string[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalid('ids must be a non-empty list');
  if (value.length > MAX_UPSERT_RECORDS) {
    throw invalid(`The number of ids must be at most ${MAX_UPSERT_RECORDS}, got ${value.length}`);
  }
  return value.map(parseId);
};
