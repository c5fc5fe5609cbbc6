import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropAbsent, isDeeperThan, isObject } from '../../../lib/json/value.ts';

test('a JSON object is neither null nor a list nor a plain value', () => {
  expect(isObject({})).toBe(true);
  for (const value of [null, [], 'text', 1, true, undefined]) expect(isObject(value)).toBe(false);
});

describe('the depth of a JSON value', () => {
  test('counts objects and lists alike', () => {
    expect(isDeeperThan(0, 1)).toBe(false);
    expect(isDeeperThan(0, [])).toBe(true);
    expect(isDeeperThan(2, { a: [1] })).toBe(false);
    expect(isDeeperThan(1, { a: [1] })).toBe(true);
  });

  test('is checked no deeper than the limit, for a value of any depth', () => {
    let value: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) value = [value];
    expect(isDeeperThan(64, value)).toBe(true);
  });
});

test('dropAbsent keeps every defined field, null and false included', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.constant(undefined))), (fields) => {
      const kept = dropAbsent(fields);
      const expected = Object.keys(fields).filter((key) => fields[key] !== undefined);
      expect(Object.keys(kept)).toEqual(expected);
      for (const key of expected) expect(Reflect.get(kept, key)).toBe(fields[key]);
    }),
  );
});
