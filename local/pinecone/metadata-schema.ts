import { invalid } from './pinecone-error.ts';
import { asObject, isAbsent } from './request-input.ts';

/** The names of the metadata fields that an index or a namespace declares for filtering. */
export type FilterableFields = readonly string[];
type Described = { fields: Record<string, { filterable: true }> };

const MAX_FIELDS = 50;

/**
 * Parses `{fields: {name: {filterable: true}}}`; `undefined` when absent, which declares every field. The declaration
 * only makes Pinecone's index smaller; here a filter may name any field all the same.
 * https://docs.pinecone.io/guides/index-data/configure-metadata-indexing
 *
 * @throws {PineconeError} INVALID_ARGUMENT for a field that is not filterable, an invalid name or more than 50 fields.
 */
export const parseMetadataSchema = (value: unknown): FilterableFields | undefined => {
  if (isAbsent(value)) return undefined;
  const fields = Object.entries(asObject(asObject(value, 'schema').fields, 'schema.fields'));
  if (fields.length > MAX_FIELDS)
    throw invalid(`at most ${MAX_FIELDS} fields may be declared, got ${fields.length}`);
  return fields.map(([name, field]) => {
    if (name === '' || name.startsWith('$'))
      throw invalid(`Metadata field names must be non-empty and must not begin with '$', got '${name}'`);
    if (asObject(field, `schema.fields.${name}`).filterable !== true)
      throw invalid(`Field '${name}' is set to filterable: false. Only filterable: true is supported.`);
    return name;
  });
};

/** As the API shows it. Not by assignment, since a field may be named `__proto__`. */
export const describedFields = (names: FilterableFields): Described => ({
  fields: Object.fromEntries(names.map((name) => [name, { filterable: true }])),
});
