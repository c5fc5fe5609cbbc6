import { InvalidInputError } from '../errors.ts';
import { NUMERIC_FIELDS, type NumericField, type SearchFilter } from './search-query.ts';

type Clause = Record<string, unknown>;

/**
 * Translates a search's filter to Pinecone's filter language; undefined for an empty filter. Uses only known fields,
 * and only plain strings and numbers as values, so a caller cannot inject an operator. `model` matches both the
 * requested model and the one that answered.
 * @throws {InvalidInputError} When a field of `min` or `max` is unknown, or a value has the wrong type.
 *
 * @example
 * pineconeFilter({ label: 'A', max: { ttft_ms: 500 } });
 * // { $and: [{ label: { $eq: 'A' } }, { ttft_ms: { $lte: 500 } }] }
 */
export const pineconeFilter = (filter: SearchFilter): Clause | undefined => {
  const clauses: Clause[] = [];
  const equal = (field: string, value: string | undefined, path = field): void => {
    if (value !== undefined) clauses.push({ [field]: { $eq: text(value, path) } });
  };
  const bound = (field: string, operator: string, value: number | undefined, path: string): void => {
    if (value !== undefined) clauses.push({ [field]: { [operator]: finite(value, path) } });
  };
  if (filter.model !== undefined) {
    const model = { $eq: text(filter.model, 'model') };
    clauses.push({ $or: [{ model }, { response_model: model }] });
  }
  equal('label', filter.label);
  equal('run_id', filter.runId);
  bound('created_at', '$gte', filter.since, 'since');
  bound('created_at', '$lt', filter.until, 'until');
  for (const field of knownFields(filter.min, 'min'))
    bound(field, '$gte', filter.min?.[field], `min_${field}`);
  for (const field of knownFields(filter.max, 'max'))
    bound(field, '$lte', filter.max?.[field], `max_${field}`);
  for (const [key, value] of Object.entries(filter.metadata ?? {})) equal(`metadata.${key}`, value);
  return clauses.length > 1 ? { $and: clauses } : clauses[0];
};

const knownFields = (bounds: object | undefined, side: string): NumericField[] => {
  const unknown = Object.keys(bounds ?? {}).filter(
    (field) => !NUMERIC_FIELDS.some((known) => known === field),
  );
  if (unknown.length > 0) throw invalid(`${side}_${unknown[0]}`, 'is not a figure that has bounds');
  return NUMERIC_FIELDS.filter((field) => bounds !== undefined && field in bounds);
};

const text = (value: unknown, path: string): string => {
  if (typeof value !== 'string') throw invalid(path, 'must be text');
  return value;
};

const finite = (value: unknown, path: string): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(path, 'must be a finite number');
  return value;
};

const invalid = (path: string, message: string): InvalidInputError =>
  new InvalidInputError([{ path: `filter.${path}`, message }]);
