import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Metadata } from '../../../local/pinecone/metadata.ts';
import { parseMetadataFilter } from '../../../local/pinecone/metadata-filter.ts';

const passes = (filter: unknown, metadata: Metadata): boolean => parseMetadataFilter(filter)(metadata);

/**
 * A reference implementation of the filters on sets of values: a record matches by the values of its fields, and a
 * missing field has none.
 */
const reference = (filter: Record<string, unknown>, metadata: Metadata): boolean => {
  for (const [key, operand] of Object.entries(filter)) {
    if (key === '$and' || key === '$or') {
      const results = (operand as Record<string, unknown>[]).map((part) => reference(part, metadata));
      if (!results.includes(true) || (key === '$and' && results.includes(false))) return false;
      continue;
    }
    const present = Object.keys(metadata).includes(key);
    const held = present ? [metadata[key]].flat() : [];
    const isList = Array.isArray(metadata[key]);
    const conditions = typeof operand === 'object' ? (operand as Record<string, unknown>) : { $eq: operand };
    for (const [operator, wanted] of Object.entries(conditions)) {
      const list = [wanted].flat();
      const common = held.filter((item) => list.includes(item)).length;
      const [number] = held;
      const ordered =
        present && !isList && typeof number === 'number' ? number - (wanted as number) : Number.NaN;
      const result: Record<string, boolean> = {
        $eq: common > 0,
        $in: common > 0,
        $ne: present && common === 0,
        $nin: present && common === 0,
        $gt: ordered > 0,
        $gte: ordered >= 0,
        $lt: ordered < 0,
        $lte: ordered <= 0,
        $exists: present === wanted,
      };
      if (result[operator] !== true) return false;
    }
  }
  return true;
};

// Few names and values, some of them alike in other types, so that conditions often match.
const field = fc.constantFrom('a', 'b', 'toString');
const text = fc.constantFrom('x', 'y', '1', 'true', '');
const number = fc.constantFrom(0, 1, 2, -1.5);
const scalar = fc.oneof(text, number, fc.boolean());
const metadata = fc.dictionary(field, fc.oneof(scalar, fc.array(text, { maxLength: 3 })));
const list = fc.array(fc.oneof(text, number), { maxLength: 3 });
const operators: Record<string, fc.Arbitrary<unknown>> = {
  $eq: scalar,
  $ne: scalar,
  $gt: number,
  $gte: number,
  $lt: number,
  $lte: number,
  $in: list,
  $nin: list,
  $exists: fc.boolean(),
};
const operation = fc.oneof(
  ...Object.entries(operators).map(([name, operand]) => operand.map((value) => [name, value] as const)),
);
const condition = fc.oneof(
  scalar,
  fc.array(operation, { minLength: 1, maxLength: 2 }).map((pairs) => Object.fromEntries(pairs)),
);
const { filter } = fc.letrec<{ filter: Record<string, unknown> }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.dictionary(field, condition, { maxKeys: 2 }),
    fc.record({ $and: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ $or: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
  ),
}));

describe('a metadata filter', () => {
  test('agrees with a plain reference implementation on any filter and any metadata', () => {
    fc.assert(
      fc.property(filter, metadata, (anyFilter, anyMetadata) => {
        expect(passes(anyFilter, anyMetadata)).toBe(reference(anyFilter, anyMetadata));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['a list by any of its strings', { genre: 'comedy' }, { genre: ['comedy', 'drama'] }, true],
    ['a list by $in of any of its strings', { g: { $in: ['z', 'b'] } }, { g: ['a', 'b'] }, true],
    ['no list by $in of none of its strings', { g: { $in: ['z'] } }, { g: ['a', 'b'] }, false],
    ['no part of a string of a list', { g: { $in: ['err'] } }, { g: ['err_4411'] }, false],
    [
      'a list of which a named string is part, not for $ne',
      { genre: { $ne: 'comedy' } },
      { genre: ['comedy', 'drama'] },
      false,
    ],
    [
      'a list of which no string is named, for $nin',
      { genre: { $nin: ['war'] } },
      { genre: ['comedy'] },
      true,
    ],
    ['both of two strings by $and', { $and: [{ g: 'a' }, { g: 'b' }] }, { g: ['a', 'b'] }, true],
    ['a range', { year: { $gt: 2019, $lte: 2020 } }, { year: 2020 }, true],
    ['no number by a string', { year: '2020' }, { year: 2020 }, false],
    ['no boolean by a number', { on: 1 }, { on: true }, false],
    ['no string by an order', { year: { $gt: 1 } }, { year: '2' }, false],
    ['no missing field by $ne', { genre: { $ne: 'drama' } }, {}, false],
    ['no missing field by $nin', { genre: { $nin: ['drama'] } }, {}, false],
    ['a missing field by $exists: false', { genre: { $exists: false } }, {}, true],
    ['no inherited name', { toString: { $exists: true } }, {}, false],
    ['a name with a dot as it stands', { 'metadata.team': 'docs' }, { 'metadata.team': 'docs' }, true],
    ['anything by nothing', {}, {}, true],
  ])('matches %s', (_, someFilter, someMetadata, expected) => {
    expect(passes(someFilter, someMetadata as Metadata)).toBe(expected);
  });

  test.each([
    ['no object', 'genre', 'a filter must be an object'],
    ['an operator on top', { $eq: 1 }, 'only $and and $or are allowed at the top of a filter, got $eq'],
    ['an unknown operator', { a: { $regex: 'x' } }, "'$regex' is not a filter operator"],
    ['a bare list', { a: ['x'] }, "the condition on field 'a'"],
    ['null', { a: null }, "the condition on field 'a'"],
    ['no operator', { a: {} }, "the condition on field 'a'"],
    [
      '$eq with a list',
      { a: { $eq: ['x'] } },
      'the $eq operator must be followed by a string, number or boolean',
    ],
    ['$gt with a string', { a: { $gt: '1' } }, 'the $gt operator must be followed by a number'],
    ['$in without a list', { a: { $in: 'x' } }, 'the $in operator must be followed by a list'],
    ['$in with booleans', { a: { $in: [true] } }, 'the $in operator must be followed by a list'],
    ['$in with 10,001 values', { a: { $in: Array(10_001).fill(1) } }, 'takes at most 10000 values'],
    [
      '$exists with a number',
      { a: { $exists: 1 } },
      'the $exists operator must be followed by true or false',
    ],
    ['an empty $or', { $or: [] }, 'the $or operator must be followed by a non-empty list'],
    ['$and of an object', { $and: { a: 1 } }, 'the $and operator must be followed by a non-empty list'],
  ])('refuses %s', (_, filter_, message) => {
    expect(() => parseMetadataFilter(filter_)).toThrow(message);
  });
});
