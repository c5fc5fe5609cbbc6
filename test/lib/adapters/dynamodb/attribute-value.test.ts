import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributeName, marshall, unmarshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { OBJECT_MEMBERS } from '../../../factories/object-members.ts';

test('an item comes back as it was, whatever its fields are named', () => {
  const name = fc.oneof(fc.constantFrom(...OBJECT_MEMBERS, '___proto__'), fc.string());
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('any')), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  })).any;
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
      const item = Object.fromEntries(pairs);
      expect(JSON.stringify(unmarshall(marshall(item)))).toBe(JSON.stringify(item));
    }),
  );
});

test('undefined fields are left out, and sets of strings and numbers stay sets', () => {
  const item = { absent: undefined, strings: new Set(['a', 'b']), numbers: new Set([1, 2.5]) };
  expect(marshall(item)).toEqual({ strings: { SS: ['a', 'b'] }, numbers: { NS: ['1', '2.5'] } });
  expect(unmarshall(marshall(item))).toEqual({ strings: item.strings, numbers: item.numbers });
});

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [new Set()], [new Set([{}])], [() => 1]])(
  'a value that DynamoDB cannot hold is refused: %s',
  (value) => expect(() => marshall({ value })).toThrow(TypeError),
);

test('only names that the SDK loses are stored under another name', () => {
  expect(['constructor', '__proto__', '___proto__', 'proto'].map(attributeName)).toEqual([
    'constructor',
    '___proto__',
    '____proto__',
    'proto',
  ]);
});
