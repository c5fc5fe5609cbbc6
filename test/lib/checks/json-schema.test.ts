import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSchema } from '../../../lib/checks/json-schema.ts';
import { loadPatterns } from '../../../lib/checks/linear-pattern.ts';
import { makeSteps, OutOfSteps } from '../../../lib/checks/steps.ts';

const { compile: compilePattern } = await loadPatterns();
type Schema = Record<string, unknown>;

const compile = (schema: Schema) => compileSchema(schema, 'schema', compilePattern);
const issuesOf = (schema: Schema) => compile(schema).issues.map(({ path, message }) => `${path} ${message}`);

const failureOf = (schema: Schema, value: unknown, steps = 1_000_000) => {
  const { test, issues } = compile(schema);
  expect(issues).toEqual([]);
  const failure = test(value, { steps: makeSteps(steps), depth: 0 });
  return failure && [...failure.path, failure.message].join(' ');
};

const article = {
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 5 },
    tags: { type: 'array', items: { $ref: '#/$defs/tag' }, minItems: 1, uniqueItems: true },
    score: { type: ['number', 'null'], minimum: 0, exclusiveMaximum: 10 },
  },
  required: ['title', 'tags'],
  additionalProperties: false,
  $defs: { tag: { type: 'string', pattern: '^[a-z]+$' } },
};

describe('the verdict on a value', () => {
  test.each<[string, Schema, unknown, string | null]>([
    ['is valid', article, { title: 'HNSW', tags: ['a', 'b'], score: null }, null],
    ['lacks a field', article, { title: 'HNSW' }, 'must have the field tags'],
    [
      'has an additional field, which is not named in the message',
      article,
      { title: 'x', tags: ['a'], secret: 1 },
      '* is not allowed',
    ],
    ['is wrong deep inside', article, { title: 'x', tags: ['a', 'B'] }, 'tags 1 must match its pattern'],
    [
      'holds an item twice',
      article,
      { title: 'x', tags: ['a', 'a'] },
      'tags must not contain duplicate items',
    ],
    ['is at an excluded bound', article, { title: 'x', tags: ['a'], score: 10 }, 'score must be below 10'],
    ['is of another type', article, [], 'must be of type object'],
    ['has characters outside of the first plane', article, { title: '🙂🙂🙂🙂🙂', tags: ['a'] }, null],
    ['is a whole number written with a fraction', { type: 'integer' }, JSON.parse('3.0'), null],
    ['is no whole number', { type: 'integer' }, 3.5, 'must be of type integer'],
    ['is a decimal multiple', { multipleOf: 0.0001 }, 0.0075, null],
    ['is no multiple', { multipleOf: 0.01 }, 0.075, 'must be a multiple of 0.01'],
    ['equals a constant but for the order of keys', { const: { a: 1, b: 2 } }, { b: 2, a: 1 }, null],
    ['is not in the list', { enum: ['a', 1, null] }, '1', 'must be one of the values in enum'],
    [
      'matches two schemas of oneOf',
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      'must match exactly one schema of oneOf',
    ],
    [
      'matches no schema of anyOf',
      { anyOf: [{ type: 'null' }, { minimum: 2 }] },
      1,
      'must match at least one schema of anyOf',
    ],
    [
      'has a field name that is not allowed',
      { propertyNames: { pattern: '^[a-z]' } },
      { A: 1 },
      'has a field name that propertyNames does not allow',
    ],
    ['has a field called __proto__', { required: ['__proto__'] }, JSON.parse('{"__proto__":1}'), null],
    ['has no own field of an inherited name', { required: ['toString'] }, {}, 'must have the field toString'],
    [
      'has too few items that match contains',
      { contains: { const: 1 }, minContains: 2 },
      [1, 2],
      'has too few or too many items that match contains',
    ],
    [
      'lacks a field that another field requires',
      { dependentRequired: { a: ['b'] } },
      { a: 1 },
      'must have the field b',
    ],
    [
      'is anything, under a schema of annotations alone',
      { title: 't', format: 'email', 'x-note': 1, default: 5 },
      'no e-mail',
      null,
    ],
  ])('that %s names the fault, if any', (_title, schema, value, failure) =>
    expect(failureOf(schema, value)).toBe(failure),
  );

  test('may be a tree, by a recursive reference', () => {
    const tree = {
      type: 'object',
      properties: { children: { type: 'array', items: { $ref: '#' } } },
      required: ['name'],
    };
    expect(failureOf(tree, { name: 1, children: [{ name: 2, children: [] }] })).toBeNull();
    expect(failureOf(tree, { name: 1, children: [{ name: 2, children: [{}] }] })).toBe(
      'children 0 children 0 must have the field name',
    );
  });

  test('is valid exactly when ajv says so, for random schemas and values', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    // No schema here has unevaluatedProperties. Without this, ajv 8.20 keeps count of evaluated properties nevertheless and
    // throws `props0 is not defined` for {anyOf: [true, {not: true, oneOf: [{additionalProperties: false}]}]}.
    ajv.opts.unevaluated = false;
    let passed = 0;
    let failed = 0;
    fc.assert(
      fc.property(
        schemas.map(plain),
        fc.array(values.map(plain), { minLength: 1, maxLength: 4 }),
        (schema, tried) => {
          const root = { ...schema, $defs: { d: { type: ['number', 'array'] } } };
          const reference = ajv.compile(root);
          for (const value of tried) {
            const isValid = reference(value);
            if (isValid) passed += 1;
            else failed += 1;
            expect({ value, schema, isValid: failureOf(root, value) === null }).toEqual({
              value,
              schema,
              isValid,
            });
          }
        },
      ),
      { numRuns: 250 },
    );
    expect(Math.min(passed, failed)).toBeGreaterThan(100);
  });
});

/** The value as parsed from JSON. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** Avoids a bug of ajv 8.20: it accepts [] for {prefixItems: [{required: []}], contains: {required: []}}, wrongly. */
const withoutTrap = ({ contains, ...schema }: Schema): Schema =>
  contains === undefined || schema.prefixItems !== undefined ? schema : { ...schema, contains };

const name = fc.constantFrom('a', 'b', 'ab');
const small = fc.integer({ min: 0, max: 3 });
const leaf = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 3, 1.5, -1, '', 'a', 'b', 'ab', '🙂');
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
}));
const types = fc.constantFrom('null', 'boolean', 'number', 'integer', 'string', 'array', 'object');
const { schema: schemas } = fc.letrec<{ schema: Schema; part: Schema | boolean }>((tie) => {
  const part = tie('part');
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  const sized = fc.constantFrom(
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
  );
  const bounds = fc.constantFrom('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum');
  const keyword = fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.record({ type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })) }),
    fc.record({ enum: fc.uniqueArray(leaf, { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: values }),
    fc.tuple(fc.oneof(sized, bounds), small).map(([key, limit]) => ({ [key]: limit })),
    fc.record({ multipleOf: fc.constantFrom(1, 2, 0.5) }),
    fc.record({ uniqueItems: fc.boolean() }),
    fc.record({ required: fc.uniqueArray(name, { maxLength: 2 }) }),
    fc.record({ pattern: fc.constantFrom('^a', 'b$', '^.$') }),
    fc.record({ $ref: fc.constantFrom('#/$defs/d') }),
    fc.constantFrom('allOf', 'anyOf', 'oneOf').chain((key) => parts.map((list) => ({ [key]: list }))),
    fc.record({ not: part }),
    fc
      .array(fc.tuple(fc.constantFrom('if', 'then', 'else'), part), { minLength: 1, maxLength: 3 })
      .map((parts) => Object.fromEntries(parts)),
    fc.record(
      {
        properties: fc.dictionary(name, part, { maxKeys: 2 }),
        patternProperties: fc.dictionary(fc.constantFrom('^a', 'b'), part, { maxKeys: 2 }),
        additionalProperties: part,
      },
      { requiredKeys: [] },
    ),
    fc.record({ prefixItems: parts, items: part }, { requiredKeys: ['items'] }),
    fc.record({ contains: part, minContains: small, maxContains: small }, { requiredKeys: ['contains'] }),
    fc.record({ propertyNames: part }),
    fc.record({ dependentRequired: fc.dictionary(name, fc.uniqueArray(name), { maxKeys: 2 }) }),
  );
  return {
    schema: fc
      .array(keyword, { minLength: 1, maxLength: 3 })
      .map((all): Schema => withoutTrap(Object.assign({}, ...all))),
    part: fc.oneof({ maxDepth: 3 }, fc.boolean(), tie('schema')),
  };
});

describe('an error in a schema', () => {
  test.each<[string, Schema, string[]]>([
    [
      'a remote reference',
      { $ref: 'https://example.com/s.json' },
      ['schema.$ref must point into this schema: # or #/$defs/name; nothing is fetched'],
    ],
    [
      'a reference to nothing',
      { items: { $ref: '#/$defs/no' } },
      ['schema.items.$ref points to nothing in this schema'],
    ],
    [
      'a reference to an inherited property',
      { $ref: '#/constructor' },
      ['schema.$ref points to nothing in this schema'],
    ],
    ['a base address of its own', { $id: 'https://example.com/' }, ['schema.$id is not a supported keyword']],
    [
      'a misspelt keyword',
      { properties: { a: { requried: ['b'] } } },
      ['schema.properties.a.requried is not a supported keyword'],
    ],
    [
      'an unknown type',
      { type: 'text' },
      ['schema.type must be one of null, boolean, number, integer, string, array, object, or a list of them'],
    ],
    ['a bound that is no number', { minimum: '1' }, ['schema.minimum must be a number']],
    ['a length below 0', { maxLength: -1 }, ['schema.maxLength must be a whole number from 0']],
    [
      'items of an older draft',
      { items: [{ type: 'null' }] },
      ['schema.items must be one schema; for a list use prefixItems'],
    ],
    [
      'a part that is no schema',
      { not: 5, anyOf: [] },
      [
        'schema.not must be a schema: an object, true or false',
        'schema.anyOf must be a list of one or more schemas',
      ],
    ],
    [
      'a pattern of another syntax',
      { properties: { a: { pattern: '(?=x)' } } },
      [
        'schema.properties.a.pattern is not a pattern in RE2 syntax: invalid or unsupported Perl syntax: `(?=`',
      ],
    ],
    [
      'a bad pattern for names, reported once',
      { patternProperties: { '(': {} }, additionalProperties: false },
      ['schema.patternProperties is not a pattern in RE2 syntax: missing closing ): `(`'],
    ],
    [
      'an error in an unused definition',
      { $defs: { a: { type: 5 } } },
      [
        'schema.$defs.a.type must be one of null, boolean, number, integer, string, array, object, or a list of them',
      ],
    ],
  ])('is reported with its path: %s', (_title, schema, issues) => expect(issuesOf(schema)).toEqual(issues));

  test('is a size over 64 KB, or a depth over 64 levels', () => {
    expect(issuesOf({ description: 'd'.repeat(65_500) })).toEqual([]);
    expect(issuesOf({ description: 'd'.repeat(65_536) })).toEqual(['schema is over 65536 bytes']);
    const deep = (levels: number): Schema => (levels === 0 ? {} : { not: deep(levels - 1) });
    expect(issuesOf(deep(63))).toEqual([]);
    expect(issuesOf(deep(64))).toEqual(['schema is nested deeper than 64 levels']);
  });

  test('is a chain of references that never nests, but would overflow the stack', () => {
    const chain = (length: number): Schema => ({
      $ref: '#/$defs/0',
      $defs: Object.fromEntries(
        Array.from({ length }, (_, at) => [at, at + 1 < length ? { $ref: `#/$defs/${at + 1}` } : {}]),
      ),
    });
    expect(issuesOf(chain(400))).toEqual([]);
    expect(issuesOf(chain(2_000))).toContain('schema.$defs.498.$ref leads over more than 500 references');
  });

  test('is found without a crash in any JSON', () => {
    const keywords = [
      'type',
      'items',
      'properties',
      '$ref',
      'enum',
      'anyOf',
      'required',
      'pattern',
      'if',
      'contains',
    ];
    const anySchema = fc.dictionary(
      fc.constantFrom(...keywords),
      fc.jsonValue({ maxDepth: 3 }).map((v) => JSON.parse(JSON.stringify(v))),
    );
    fc.assert(
      fc.property(anySchema, fc.jsonValue(), (schema, value) => {
        const { test, issues } = compile(schema);
        for (const { path } of issues) expect(path).toMatch(/^schema/);
        try {
          test(value, { steps: makeSteps(100_000), depth: 0 });
        } catch (error) {
          // A schema that refers to itself without end.
          expect(error).toBeInstanceOf(OutOfSteps);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a schema that would need unbounded work', () => {
  test.each<[string, Schema, unknown]>([
    ['a reference to itself', { $ref: '#' }, 1],
    [
      'two references to each other',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      1,
    ],
    [
      'definitions that double twenty-five times',
      {
        $ref: '#/$defs/l0',
        $defs: Object.fromEntries(
          Array.from({ length: 26 }, (_, at) => [
            `l${at}`,
            at === 25 ? {} : { allOf: [{ $ref: `#/$defs/l${at + 1}` }, { $ref: `#/$defs/l${at + 1}` }] },
          ]),
        ),
      },
      1,
    ],
    [
      'a recursion that branches at each level of a value',
      {
        anyOf: [
          { items: { $ref: '#' }, minItems: 2 },
          { items: { $ref: '#' }, minItems: 2 },
        ],
      },
      Array.from({ length: 40 }).reduce((inner: unknown) => [inner], []),
    ],
    [
      'a pattern for each of many fields',
      { patternProperties: { 'a.{900}$': false } },
      Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`a${at}`, 1])),
    ],
  ])('is stopped: %s', (_title, schema, value) => {
    const { test, issues } = compile(schema);
    expect(issues).toEqual([]);
    expect(() => test(value, { steps: makeSteps(1_000_000), depth: 0 })).toThrow(OutOfSteps);
  });
});
