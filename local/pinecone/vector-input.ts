import { checkMetadataSize, type Metadata, parseMetadata } from './metadata.ts';
import { invalid } from './pinecone-error.ts';
import { asObject, asString, isAbsent } from './request-input.ts';
import { type Measured, measured } from './similarity.ts';

/** A record as it is kept; never changed once made. */
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

/** Finite numbers of the index's dimension, as 32-bit floats with their length. */
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

/** Values that may be stored: a vector without direction cannot be compared, so Pinecone takes none. */
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

/** The records of an upsert: 1 to 1,000; all of them are sound, or none is taken. */
export const parseRecords = (value: unknown, dimension: number): VectorRecord[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalid('No vectors to upsert');
  if (value.length > MAX_UPSERT_RECORDS) {
    throw invalid(`The number of vectors must be at most ${MAX_UPSERT_RECORDS}, got ${value.length}`);
  }
  return value.map((item) => parseRecord(item, dimension));
};

/** The ids of a fetch or a delete: 1 to 1,000. */
export const parseIds = (value: unknown): string[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalid('ids must be a non-empty list');
  if (value.length > MAX_UPSERT_RECORDS) {
    throw invalid(`The number of ids must be at most ${MAX_UPSERT_RECORDS}, got ${value.length}`);
  }
  return value.map(parseId);
};
