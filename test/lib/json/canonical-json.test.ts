import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, sha256Hex } from '../../../lib/json/canonical-json.ts';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, shuffled(field)]),
  );
};

test('the order of keys never matters, at any depth', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
    }),
    { numRuns: 200 },
  );
});

test('the text parses to the same value, which gives the same text again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = canonicalJson(value);
      expect(canonicalJson(JSON.parse(json))).toBe(json);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 200 },
  );
});

test('keys are in code-unit order, white space is left out, and lists keep their order', () => {
  expect(canonicalJson({ b: [3, 1, { z: null, a: 'ü' }], a: 1, B: true })).toBe(
    '{"B":true,"a":1,"b":[3,1,{"a":"ü","z":null}]}',
  );
});

test('null differs from absent, and a number from its text', () => {
  expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
  expect(canonicalJson({ a: 1.0 })).toBe(canonicalJson(JSON.parse('{"a":1.00}')));
});

test('a key named __proto__ is treated like any other', () => {
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"polluted":true}}'))).toBe(
    '{"__proto__":{"polluted":true},"b":1}',
  );
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('the hash is taken of the UTF-8 bytes', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256Hex('ü')).toBe(sha256Hex(Buffer.from([0xc3, 0xbc])));
});
