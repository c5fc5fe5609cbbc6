import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropAbsent, isDeeperThan, isObject, rounded } from '../../../lib/json/value.ts';

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

describe('a rounded figure', () => {
  test('is written without the errors of binary fractions', () => {
    expect([0.1 + 0.2, 12 * 0.000002, 1 / 3, 7, 0, 2.53e-7 * 3].map(rounded)).toEqual([
      0.3, 0.000024, 0.333333333333, 7, 0, 7.59e-7,
    ]);
  });

  test('is exact to a millionth at least', () => {
    expect(rounded(1_234_567.890123)).toBe(1_234_567.890123);
    expect(rounded(-98_765.432101)).toBe(-98_765.432101);
  });

  test('is the sum of amounts in billionths as people would write it, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000_000), { maxLength: 200 }), (nanos) => {
        const sum = nanos.reduce((total, nano) => total + nano / 1e9, 0);
        const whole = nanos.reduce((total, nano) => total + nano, 0);
        expect(rounded(sum)).toBe(whole / 1e9);
        expect(String(rounded(sum)).replace(/e.*|^0\.0*|\D/g, '').length).toBeLessThanOrEqual(12);
      }),
    );
  });
});
