import { InvalidInputError } from '../errors.ts';
import { NUMERIC_FIELDS, type NumericField, type SearchFilter } from './search-query.ts';

type Clause = Record<string, unknown>;

/**
 * A search's filter in Pinecone's language, or undefined where nothing is asked. Built field by field from what
 * everytoken knows, with values that are checked to be plain text or numbers: nothing a caller sends can be read
 * as an operator. `model` finds outputs asked of that model and outputs it answered. Throws `InvalidInputError`.
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
  if (unknown.length > 0) throw invalid(`${side}_${unknown[0]}`, 'is not a figure that can be bounded');
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
