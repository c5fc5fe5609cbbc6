import { isObject } from '../json/value.ts';
import { fails, type JsonTest, KeywordError, type Walk, within } from './json-test.ts';
import { type CompilePattern, PatternError } from './linear-pattern.ts';

/** Makes the test of a schema within the schema; `at` is its path, for issues. */
export type Subschema = (schema: unknown, at: string) => JsonTest;

type Context = { make: Subschema; at: string; compilePattern: CompilePattern };

/** The whole schema object is given: some keywords depend on their neighbours. */
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

/** A keyword that holds a list of schemas, judged by how many a value fulfils. */
const counted =
  (keyword: string, enough: (fulfilled: number, of: number) => boolean, message: string): Subschemas =>
  (schema, { make, at }) => {
    const tests = list(schema[keyword], `${at}.${keyword}`, make);
    return [
      (value, walk) => {
        const fulfilled = tests.filter((test) => test(value, walk) === null).length;
        return enough(fulfilled, tests.length) ? null : fails(message);
      },
    ];
  };

const not: Subschemas = (schema, { make, at }) => {
  const test = make(schema.not, `${at}.not`);
  return [(value, walk) => (test(value, walk) ? null : fails('must not fulfil what not holds'))];
};

const conditional: Subschemas = (schema, { make, at }) => {
  const condition = make(schema.if, `${at}.if`);
  const branch = (keyword: 'then' | 'else') =>
    Object.hasOwn(schema, keyword) ? make(schema[keyword], `${at}.${keyword}`) : () => null;
  const holds = branch('then');
  const otherwise = branch('else');
  return [(value, walk) => (condition(value, walk) === null ? holds : otherwise)(value, walk)];
};

/** Its own schema is made so that what is wrong in it is told, though without its partner it says nothing. */
const partOf =
  (keyword: string, partner: string): Subschemas =>
  (schema, { make, at }) => {
    if (!Object.hasOwn(schema, partner)) make(schema[keyword], `${at}.${keyword}`);
    return [];
  };

const properties: Subschemas = (schema, { make, at }) => {
  const tests = named(schema.properties, `${at}.properties`, make);
  return [
    (value, walk) => {
      if (!isObject(value)) return null;
      walk.steps.spend(tests.size);
      for (const [name, test] of tests) {
        const failure = Object.hasOwn(value, name) ? within(name, test(value[name], walk)) : null;
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

/** What is wrong with them is told where they stand. */
const patternsOrNone = (...of: Parameters<typeof patternsOf>): ReturnType<typeof patternsOf> => {
  try {
    return patternsOf(...of);
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
        ? fails('must not have a field of such a name')
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
    throw new KeywordError('must have whole numbers from 0 as minContains and maxContains');
  return argument;
};

const boundOf =
  (keyword: string): Subschemas =>
  (schema) => {
    bound(schema[keyword], 1);
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
      return found >= least && found <= most ? null : fails('holds too few or too many items of contains');
    },
  ];
};

const definitions =
  (keyword: string): Subschemas =>
  (schema, { make, at }) => {
    named(schema[keyword], `${at}.${keyword}`, make);
    return [];
  };

/** Keywords that hold schemas. Bad arguments throw `KeywordError` or `PatternError`. */
export const JSON_SUBSCHEMAS = new Map<string, Subschemas>([
  ['allOf', (schema, { make, at }) => list(schema.allOf, `${at}.allOf`, make)],
  ['anyOf', counted('anyOf', (fulfilled) => fulfilled > 0, 'fulfils none of anyOf')],
  ['oneOf', counted('oneOf', (fulfilled) => fulfilled === 1, 'must fulfil exactly one of oneOf')],
  ['not', not],
  ['if', conditional],
  ['then', partOf('then', 'if')],
  ['else', partOf('else', 'if')],
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
