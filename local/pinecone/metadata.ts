import { isObject } from '../json.ts';
import { invalid } from './pinecone-error.ts';

export type MetadataValue = string | number | boolean | string[];
export type Metadata = Record<string, MetadataValue>;

const MAX_METADATA_BYTES = 40_960;

const isMetadataValue = (value: unknown): value is MetadataValue =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));

/**
 * Returns the metadata when it is within Pinecone's limit for a record: 40 KB as JSON in UTF-8.
 *
 * @throws {PineconeError} INVALID_ARGUMENT when it is larger.
 */
export const checkMetadataSize = (metadata: Metadata): Metadata => {
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > MAX_METADATA_BYTES) {
    throw invalid(
      `Metadata size is ${bytes} bytes, which exceeds the limit of ${MAX_METADATA_BYTES} bytes per vector`,
    );
  }
  return metadata;
};

/**
 * Parses metadata as Pinecone accepts it: flat; each value a string, a number, a boolean or a list of strings; no
 * nulls; no name that begins with `$`. The size is checked separately, since an update merges first.
 *
 * @throws {PineconeError} INVALID_ARGUMENT for any other value.
 */
export const parseMetadata = (value: unknown): Metadata => {
  if (!isObject(value)) throw invalid('metadata must be an object');
  for (const [field, item] of Object.entries(value)) {
    if (field === '' || field.startsWith('$')) {
      throw invalid(
        `Metadata field names must be non-empty and must not begin with '$', got '${field.slice(0, 80)}'`,
      );
    }
    if (!isMetadataValue(item)) {
      throw invalid(
        `Metadata value must be a string, number, boolean or list of strings, got '${JSON.stringify(item).slice(0, 40)}' for field '${field.slice(0, 80)}'`,
      );
    }
  }
  return value as Metadata;
};
