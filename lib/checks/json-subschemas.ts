import { isObject, own } from '../json/value.ts';
import { fails, type JsonTest, KeywordError, type Walk, within } from './json-test.ts';
import { type CompilePattern, PatternError } from './linear-pattern.ts';

/** Compiles a nested schema to a test; `at` is its path, for issues. */
export type Subschema = (schema: unknown, at: string) => JsonTest;

type Context = { make: Subschema; at: string; compilePattern: CompilePattern };

/** Takes the whole schema object, since some keywords depend on their neighbours. */
type Subschemas = (schema: Record<string, unknown>, context: Context) => JsonTest[];

const list = (argument: unknown, at: string, make: Subschema): JsonTest[] => {
  if (!Array.isArray(argument) || argument.length === 0)
    throw new KeywordError('must be a list of one or more schemas');
  return argument.map((schema, index) => make(schema, `${at}.${index}`));
};

const named = (argument: unknown, at: string, make: Subschema): Map<string, JsonTest> => {
  if (!isObject(argument)) throw new KeywordError('must be an object of schemas');
  return new Map(Object.entries(argument).map(([name, schema]) => [name, make(schema, `${at}.${name}`)]));
};

/** A keyword that holds a list of schemas and limits how many of them a value matches. */
const counted =
  (keyword: string, isAllowed: (matches: number) => boolean, message: string): Subschemas =>
  (schema, { make, at }) => {
    const tests = list(own(schema, keyword), `${at}.${keyword}`, make);
    return [
      (value, walk) => {
        const matches = tests.filter((test) => test(value, walk) === null).length;
        return isAllowed(matches) ? null : fails(message);
      },
    ];
  };

const not: Subschemas = (schema, { make, at }) => {
  const test = make(schema.not, `${at}.not`);
  return [(value, walk) => (test(value, walk) ? null : fails('must not match the schema of not'))];
};

const conditional: Subschemas = (schema, { make, at }) => {
  const condition = make(schema.if, `${at}.if`);
  const branch = (keyword: 'then' | 'else') =>
    Object.hasOwn(schema, keyword) ? make(own(schema, keyword), `${at}.${keyword}`) : () => null;
  const holds = branch('then');
  const otherwise = branch('else');
  return [(value, walk) => (condition(value, walk) === null ? holds : otherwise)(value, walk)];
};

/** A keyword that its partner compiles. Without the partner it has no effect, but its schema is still validated. */
const dependentOn =
  (keyword: string, partner: string): Subschemas =>
  (schema, { make, at }) => {
    if (!Object.hasOwn(schema, partner)) make(own(schema, keyword), `${at}.${keyword}`);
    return [];
  };

const properties: Subschemas = (schema, { make, at }) => {
  const tests = named(schema.properties, `${at}.properties`, make);
  return [
    (value, walk) => {
      if (!isObject(value)) return null;
      walk.steps.spend(tests.size);
      for (const [name, test] of tests) {
        const failure = Object.hasOwn(value, name) ? within(name, test(own(value, name), walk)) : null;
        if (failure) return failure;
      }
      return null;
    },
  ];
};

const patternsOf = (schema: Record<string, unknown>, { at, make, compilePattern }: Context) =>
  schema.patternProperties === undefined
    ? []
    : [...named(schema.patternProperties, `${at}.patternProperties`, make)].map(([source, test]) => ({
        pattern: compilePattern(source),
        test,
      }));

/** Empty for bad patterns: `patternProperties` itself reports them. */
const patternsOrNone = (...args: Parameters<typeof patternsOf>): ReturnType<typeof patternsOf> => {
  try {
    return patternsOf(...args);
  } catch (error) {
    if (error instanceof KeywordError || error instanceof PatternError) return [];
    throw error;
  }
};

const patternProperties: Subschemas = (schema, context) => {
  const patterns = patternsOf(schema, context);
  return [
    (value, walk) => {
      if (!isObject(value)) return null;
      for (const [name, field] of Object.entries(value)) {
        for (const { pattern, test } of patterns) {
          const failure = pattern.test(name, walk.steps) ? within('*', test(field, walk)) : null;
          if (failure) return failure;
        }
      }
      return null;
    },
  ];
};

const additionalProperties: Subschemas = (schema, context) => {
  const { make, at } = context;
  const known = new Set(isObject(schema.properties) ? Object.keys(schema.properties) : []);
  const patterns = patternsOrNone(schema, context);
  const test = make(schema.additionalProperties, `${at}.additionalProperties`);
  return [
    (value, walk) => {
      if (!isObject(value)) return null;
      for (const [name, field] of Object.entries(value)) {
        walk.steps.spend(1);
        if (known.has(name) || patterns.some(({ pattern }) => pattern.test(name, walk.steps))) continue;
        const failure = within('*', test(field, walk));
        if (failure) return failure;
      }
      return null;
    },
  ];
};

const propertyNames: Subschemas = (schema, { make, at }) => {
  const test = make(schema.propertyNames, `${at}.propertyNames`);
  return [
    (value, walk) =>
      isObject(value) && Object.keys(value).some((name) => test(name, walk))
        ? fails('has a field name that propertyNames does not allow')
        : null,
  ];
};

const prefixItems: Subschemas = (schema, { make, at }) => {
  const tests = list(schema.prefixItems, `${at}.prefixItems`, make);
  return [(value, walk) => (Array.isArray(value) ? firstFailure(value, (at) => tests[at], walk, 0) : null)];
};

const items: Subschemas = (schema, { make, at }) => {
  if (Array.isArray(schema.items)) throw new KeywordError('must be one schema; for a list use prefixItems');
  const test = make(schema.items, `${at}.items`);
  const from = Array.isArray(schema.prefixItems) ? schema.prefixItems.length : 0;
  return [(value, walk) => (Array.isArray(value) ? firstFailure(value, () => test, walk, from) : null)];
};

const firstFailure = (
  values: unknown[],
  testAt: (index: number) => JsonTest | undefined,
  walk: Walk,
  from: number,
): ReturnType<JsonTest> => {
  for (let index = from; index < values.length; index++) {
    const test = testAt(index);
    if (!test) return null;
    walk.steps.spend(1);
    const failure = within(String(index), test(values[index], walk));
    if (failure) return failure;
  }
  return null;
};

const bound = (argument: unknown, absent: number): number => {
  if (argument === undefined) return absent;
  if (typeof argument !== 'number' || !Number.isInteger(argument) || argument < 0)
    throw new KeywordError('must have minContains and maxContains that are whole numbers from 0');
  return argument;
};

const boundOf =
  (keyword: string): Subschemas =>
  (schema) => {
    bound(own(schema, keyword), 1);
    return [];
  };

const contains: Subschemas = (schema, { make, at }) => {
  const test = make(schema.contains, `${at}.contains`);
  const least = bound(schema.minContains, 1);
  const most = bound(schema.maxContains, Number.POSITIVE_INFINITY);
  return [
    (value, walk) => {
      if (!Array.isArray(value)) return null;
      const found = value.filter((item) => test(item, walk) === null).length;
      return found >= least && found <= most
        ? null
        : fails('has too few or too many items that match contains');
    },
  ];
};

const definitions =
  (keyword: string): Subschemas =>
  (schema, { make, at }) => {
    named(own(schema, keyword), `${at}.${keyword}`, make);
    return [];
  };

/** Keywords that contain schemas. A bad argument throws `KeywordError` or `PatternError`. */
export const JSON_SUBSCHEMAS = new Map<string, Subschemas>([
  ['allOf', (schema, { make, at }) => list(schema.allOf, `${at}.allOf`, make)],
  ['anyOf', counted('anyOf', (matches) => matches > 0, 'must match at least one schema of anyOf')],
  ['oneOf', counted('oneOf', (matches) => matches === 1, 'must match exactly one schema of oneOf')],
  ['not', not],
  ['if', conditional],
  ['then', dependentOn('then', 'if')],
  ['else', dependentOn('else', 'if')],
  ['properties', properties],
  ['patternProperties', patternProperties],
  ['additionalProperties', additionalProperties],
  ['propertyNames', propertyNames],
  ['prefixItems', prefixItems],
  ['items', items],
  ['contains', contains],
  ['minContains', boundOf('minContains')],
  ['maxContains', boundOf('maxContains')],
  ['$defs', definitions('$defs')],
  ['definitions', definitions('definitions')],
]);
