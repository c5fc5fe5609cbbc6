import fc from 'fast-check';

type Schema = Record<string, unknown>;

const name = fc.oneof(
  fc.constantFrom('name', 'age', 'tags', 'a b', 'über', '"quoted"', '__proto__', 'constructor', ''),
  fc.string({ maxLength: 8, unit: 'grapheme' }),
);

const bounded = (from: string, to: string, most: number): fc.Arbitrary<Schema> =>
  fc
    .tuple(fc.option(fc.integer({ min: 0, max: most })), fc.option(fc.integer({ min: 0, max: most })))
    .map(([low, more]) => ({
      ...(low === null ? {} : { [from]: low }),
      ...(more === null ? {} : { [to]: (low ?? 0) + more }),
    }));

const text: fc.Arbitrary<Schema> = fc.oneof(
  bounded('minLength', 'maxLength', 40).map((length) => ({ type: 'string', ...length })),
  fc
    .constantFrom(
      '^[A-Z]{2}-\\d{4}$',
      'a|b+c',
      '^(foo|bar)*$',
      '[^a-z]',
      '^\\w+@\\w+\\.com$',
      '"\\\\',
      '^é{1,3}$',
    )
    .map((pattern) => ({ type: 'string', pattern })),
);

const bound = fc.oneof(
  fc.integer({ min: -2_000, max: 2_000 }),
  fc.integer(),
  fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 1_000),
);

const number: fc.Arbitrary<Schema> = fc
  .record(
    {
      low: fc.tuple(fc.constantFrom('minimum', 'exclusiveMinimum'), bound),
      width: fc.tuple(fc.constantFrom('maximum', 'exclusiveMaximum'), fc.integer({ min: 100, max: 1e9 })),
      multipleOf: fc.constantFrom(1, 2, 7, 0.5, 0.25, 10, 100),
    },
    { requiredKeys: [] },
  )
  .chain(({ low, width, multipleOf }) =>
    fc.constantFrom('number', 'integer').map((type) => ({
      type,
      ...(low ? { [low[0]]: low[1] } : {}),
      ...(width ? { [width[0]]: Math.ceil(low?.[1] ?? 0) + width[1] } : {}),
      ...(multipleOf === undefined ? {} : { multipleOf }),
    })),
  );

const values: fc.Arbitrary<Schema> = fc.oneof(
  fc
    .uniqueArray(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 })
    .map((each) => ({ enum: each })),
  fc
    .uniqueArray(fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)), {
      minLength: 1,
      maxLength: 5,
    })
    .map((each) => ({ enum: each })),
  fc
    .oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((value) => ({ const: value })),
);

const objectOf = (properties: [string, Schema][], isOptional: (at: number) => boolean): Schema => ({
  type: 'object',
  properties: Object.fromEntries(properties),
  required: properties.filter((_, at) => !isOptional(at)).map(([key]) => key),
  additionalProperties: false,
});

const members = (value: fc.Arbitrary<Schema>): fc.Arbitrary<[string, Schema][]> =>
  fc
    .uniqueArray(fc.tuple(name, value), { maxLength: 5, selector: ([key]) => key })
    .map((each) => each.filter(([key]) => key !== '__proto__')); // a literal would not have it

/** Schemas of objects that are strict, or with `optional` have optional properties. Some refer to themselves. */
export const schemas = (optional: boolean): fc.Arbitrary<Schema> =>
  fc.letrec<{ value: Schema; object: Schema; array: Schema }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(
        text,
        number,
        values,
        fc.constantFrom<Schema>({ type: 'boolean' }, { type: ['string', 'null'] }),
      ),
      tie('object'),
      tie('array'),
      fc.array(tie('value'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.constant<Schema>({ anyOf: [{ $ref: '#' }, { type: 'null' }] }),
    ),
    array: fc
      .tuple(tie('value'), bounded('minItems', 'maxItems', 4))
      .map(([items, size]) => ({ type: 'array', items, ...size })),
    object: fc
      .tuple(members(tie('value')), fc.infiniteStream(fc.boolean()))
      .map(([properties, flags]) => objectOf(properties, () => optional && (flags.next().value as boolean))),
  })).object;
