import { canonicalJson } from '../json/canonical-json.ts';
import { isObject } from '../json/value.ts';
import { fails, type JsonTest, KeywordError } from './json-test.ts';
import type { CompilePattern } from './linear-pattern.ts';

type Keyword = (argument: unknown, compilePattern: CompilePattern) => JsonTest;

const TYPES = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

const type: Keyword = (argument) => {
  const types = Array.isArray(argument) ? argument : [argument];
  if (types.length === 0 || !types.every((one) => TYPES.includes(one))) {
    throw new KeywordError(`must be one of ${TYPES.join(', ')}, or a list of them`);
  }
  return (value) => {
    const own = typeOf(value);
    return types.includes(own) || (types.includes('integer') && Number.isInteger(value))
      ? null
      : fails(`must be of type ${types.join(' or ')}`);
  };
};

/** Compares by canonical JSON, so the order of an object's keys does not matter. */
const equalsOne = (values: unknown[], message: string): JsonTest => {
  const known = new Set(values.map(canonicalJson));
  return (value, { steps }) => {
    const json = canonicalJson(value);
    steps.spend(json.length);
    return known.has(json) ? null : fails(message);
  };
};

const enumeration: Keyword = (argument) => {
  if (!Array.isArray(argument) || argument.length === 0)
    throw new KeywordError('must be a list of one or more values');
  return equalsOne(argument, 'must be one of the values in enum');
};

const numeric =
  (holds: (value: number, limit: number) => boolean, wording: string, mustBePositive = false): Keyword =>
  (limit) => {
    if (typeof limit !== 'number') throw new KeywordError('must be a number');
    if (mustBePositive && limit <= 0) throw new KeywordError('must be above 0');
    return (value) =>
      typeof value !== 'number' || holds(value, limit) ? null : fails(`must be ${wording} ${limit}`);
  };

/** Allows for rounding: decimal fractions are not exact in binary, and 0.0075 must be a multiple of 0.0001. */
const isMultiple = (value: number, divisor: number): boolean => {
  const times = value / divisor;
  return Math.abs(times - Math.round(times)) <= Math.abs(times) * 2 * Number.EPSILON;
};

const size = (sizeOf: (value: unknown) => number | undefined, isMax: boolean, unit: string): Keyword => {
  const wording = isMax ? 'at most' : 'at least';
  return (limit) => {
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0)
      throw new KeywordError('must be a whole number from 0');
    return (value, { steps }) => {
      const own = sizeOf(value);
      if (own === undefined) return null;
      steps.spend(own);
      return (isMax ? own <= limit : own >= limit) ? null : fails(`must have ${wording} ${limit} ${unit}`);
    };
  };
};

const codePoints = (value: unknown): number | undefined => {
  if (typeof value !== 'string') return undefined;
  let count = 0;
  for (const _ of value) count += 1;
  return count;
};
const itemsOf = (value: unknown) => (Array.isArray(value) ? value.length : undefined);
const fieldsOf = (value: unknown) => (isObject(value) ? Object.keys(value).length : undefined);

const names = (argument: unknown): string[] => {
  if (!Array.isArray(argument) || !argument.every((name) => typeof name === 'string'))
    throw new KeywordError('must be a list of names');
  return argument;
};

const hasAll =
  (required: string[]): JsonTest =>
  (value, { steps }) => {
    if (!isObject(value)) return null;
    steps.spend(required.length);
    const missing = required.find((name) => !Object.hasOwn(value, name));
    return missing === undefined ? null : fails(`must have the field ${missing}`);
  };

const dependentRequired: Keyword = (argument) => {
  if (!isObject(argument)) throw new KeywordError('must be an object of lists of names');
  const dependents = Object.entries(argument).map(([name, needed]) => ({
    name,
    test: hasAll(names(needed)),
  }));
  return (value, walk) => {
    if (!isObject(value)) return null;
    walk.steps.spend(dependents.length);
    for (const { name, test } of dependents) {
      const failure = Object.hasOwn(value, name) ? test(value, walk) : null;
      if (failure) return failure;
    }
    return null;
  };
};

const uniqueItems: Keyword = (argument) => {
  if (typeof argument !== 'boolean') throw new KeywordError('must be true or false');
  return (value, { steps }) => {
    if (!argument || !Array.isArray(value)) return null;
    const seen = value.map(canonicalJson);
    steps.spend(seen.reduce((sum, json) => sum + json.length, 0));
    return new Set(seen).size === seen.length ? null : fails('must not contain duplicate items');
  };
};

const pattern: Keyword = (argument, compilePattern) => {
  if (typeof argument !== 'string') throw new KeywordError('must be a pattern');
  const compiled = compilePattern(argument);
  return (value, { steps }) =>
    typeof value !== 'string' || compiled.test(value, steps) ? null : fails('must match its pattern');
};

/** Keywords whose test depends only on their own argument. A bad argument throws `KeywordError` or `PatternError`. */
export const JSON_KEYWORDS = new Map<string, Keyword>([
  ['type', type],
  ['enum', enumeration],
  ['const', (argument) => equalsOne([argument], 'must be the value of const')],
  ['minimum', numeric((value, limit) => value >= limit, 'at least')],
  ['maximum', numeric((value, limit) => value <= limit, 'at most')],
  ['exclusiveMinimum', numeric((value, limit) => value > limit, 'above')],
  ['exclusiveMaximum', numeric((value, limit) => value < limit, 'below')],
  ['multipleOf', numeric(isMultiple, 'a multiple of', true)],
  ['minLength', size(codePoints, false, 'characters')],
  ['maxLength', size(codePoints, true, 'characters')],
  ['pattern', pattern],
  ['minItems', size(itemsOf, false, 'items')],
  ['maxItems', size(itemsOf, true, 'items')],
  ['uniqueItems', uniqueItems],
  ['minProperties', size(fieldsOf, false, 'fields')],
  ['maxProperties', size(fieldsOf, true, 'fields')],
  ['required', (argument) => hasAll(names(argument))],
  ['dependentRequired', dependentRequired],
]);

/** Keywords that do not affect whether a value is valid. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...['$comment', '$schema', 'title', 'description', 'default', 'example', 'examples', 'deprecated'],
  ...['readOnly', 'writeOnly', 'format', 'contentEncoding', 'contentMediaType'],
]);
