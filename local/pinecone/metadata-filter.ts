import { isObject, own } from '../json.ts';
import type { Metadata, MetadataValue } from './metadata.ts';
import { invalid } from './pinecone-error.ts';

/** All of these tests at once; a single one is the test itself, since a filter is asked for every record. */
const allOf = <T>(tests: readonly ((value: T) => boolean)[]): ((value: T) => boolean) => {
  const [only] = tests;
  return tests.length === 1 && only ? only : (value) => tests.every((test) => test(value));
};

/** Whether a record's metadata passes a filter. For a record without metadata, pass `{}`. */
export type MetadataFilter = (metadata: Metadata) => boolean;

type Scalar = string | number | boolean;
type ValueTest = (value: MetadataValue | undefined) => boolean;

const MAX_LIST_OPERAND = 10_000;

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Whether a value, or any string of a list, is wanted. Types are not converted: `1` is not `"1"`. */
const holds = (value: MetadataValue, wanted: (item: Scalar) => boolean): boolean =>
  Array.isArray(value) ? value.some(wanted) : wanted(value);

const scalarOperand = (operator: string, operand: unknown): Scalar => {
  if (!isScalar(operand))
    throw invalid(`the ${operator} operator must be followed by a string, number or boolean`);
  return operand;
};

const listOperand = (operator: string, operand: unknown): Set<Scalar> => {
  const fits =
    Array.isArray(operand) && operand.every((item) => typeof item === 'string' || typeof item === 'number');
  if (!fits) throw invalid(`the ${operator} operator must be followed by a list of strings or numbers`);
  if (operand.length > MAX_LIST_OPERAND) {
    throw invalid(`the ${operator} operator takes at most ${MAX_LIST_OPERAND} values, got ${operand.length}`);
  }
  return new Set<Scalar>(operand);
};

const comparison = (
  operator: string,
  operand: unknown,
  compare: (a: number, b: number) => boolean,
): ValueTest => {
  if (typeof operand !== 'number') throw invalid(`the ${operator} operator must be followed by a number`);
  return (value) => typeof value === 'number' && compare(value, operand);
};

/** A missing field fails `negated` operators, too: it passes only `$exists: false`. */
const equality = (wanted: (item: Scalar) => boolean, negated: boolean): ValueTest => {
  return (value) => value !== undefined && holds(value, wanted) !== negated;
};

const operatorTest = (field: string, operator: string, operand: unknown): ValueTest => {
  switch (operator) {
    case '$eq':
    case '$ne': {
      const wanted = scalarOperand(operator, operand);
      return equality((item) => item === wanted, operator === '$ne');
    }
    case '$in':
    case '$nin': {
      const wanted = listOperand(operator, operand);
      return equality((item) => wanted.has(item), operator === '$nin');
    }
    case '$gt':
      return comparison(operator, operand, (a, b) => a > b);
    case '$gte':
      return comparison(operator, operand, (a, b) => a >= b);
    case '$lt':
      return comparison(operator, operand, (a, b) => a < b);
    case '$lte':
      return comparison(operator, operand, (a, b) => a <= b);
    case '$exists':
      if (typeof operand !== 'boolean')
        throw invalid('the $exists operator must be followed by true or false');
      return (value) => (value !== undefined) === operand;
    default:
      throw invalid(`'${operator}' is not a filter operator (field '${field}')`);
  }
};

const fieldFilter = (field: string, condition: unknown): MetadataFilter => {
  const operators = isScalar(condition) ? { $eq: condition } : condition;
  if (!isObject(operators) || Object.keys(operators).length === 0) {
    throw invalid(`the condition on field '${field}' must be a value or an object of operators`);
  }
  const test = allOf(
    Object.entries(operators).map(([operator, operand]) => operatorTest(field, operator, operand)),
  );
  return (metadata) => test(own(metadata, field));
};

const logicalFilter = (operator: '$and' | '$or', operand: unknown): MetadataFilter => {
  if (!Array.isArray(operand) || operand.length === 0) {
    throw invalid(`the ${operator} operator must be followed by a non-empty list of filters`);
  }
  const parts = operand.map(parseMetadataFilter);
  return operator === '$and' ? allOf(parts) : (metadata) => parts.some((part) => part(metadata));
};

/**
 * Parses Pinecone's filter language: `{field: value}`, `{field: {$op: operand}}` with `$eq $ne $gt $gte $lt $lte
 * $in $nin $exists`, and `$and`/`$or` over lists of filters. All keys of an object must hold.
 * A list of strings matches `$eq`/`$in` when any of its strings does, and `$ne`/`$nin` when none is named.
 * A missing field matches only `$exists: false`. Pinecone behaves so, unlike MongoDB.
 * https://docs.pinecone.io/guides/search/filter-by-metadata
 *
 * @throws {PineconeError} INVALID_ARGUMENT for a filter that is not of this language.
 *
 * @example
 * const passes = parseMetadataFilter({ model: 'gpt-6-luna', temperature: { $gt: 1 } });
 * passes({ model: 'gpt-6-luna', temperature: 1.2 }); // true
 */
export const parseMetadataFilter = (filter: unknown): MetadataFilter => {
  if (!isObject(filter)) throw invalid('a filter must be an object');
  const parts = Object.entries(filter).map(([key, operand]) => {
    if (key === '$and' || key === '$or') return logicalFilter(key, operand);
    if (key.startsWith('$'))
      throw invalid(`only $and and $or are allowed at the top of a filter, got ${key}`);
    return fieldFilter(key, operand);
  });
  return allOf(parts);
};
