import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesPattern } from '../../../../local/aws/events/event-pattern.ts';

const event = {
  source: 'everytoken',
  'detail-type': 'RunGenerated',
  resources: ['a', 'b'],
  detail: {
    status: 'generated',
    tokens: 77,
    note: null,
    flag: true,
    model: { name: 'Luna', tags: ['fast', 'cheap'] },
    outputs: [
      { index: 0, label: 'x' },
      { index: 1, label: 'y' },
    ],
  },
};

describe('a pattern', () => {
  test.each([
    ['exact text', { source: ['other', 'everytoken'] }],
    ['several fields', { source: ['everytoken'], 'detail-type': ['RunGenerated'] }],
    ['an item of an array', { resources: ['b'] }],
    ['nested fields', { detail: { model: { name: ['Luna'] } } }],
    ['a number', { detail: { tokens: [77] } }],
    ['null and true', { detail: { note: [null], flag: [true] } }],
    ['a prefix', { detail: { status: [{ prefix: 'gen' }] } }],
    ['a prefix in any case', { detail: { status: [{ prefix: { 'equals-ignore-case': 'GEN' } }] } }],
    ['a suffix', { detail: { status: [{ suffix: 'ated' }] } }],
    ['any case', { detail: { model: { name: [{ 'equals-ignore-case': 'lUNA' }] } } }],
    ['a wildcard', { 'detail-type': [{ wildcard: 'Run*ed' }] }],
    ['anything but', { detail: { status: [{ 'anything-but': ['failed', 'deleted'] }] } }],
    ['anything but a prefix', { detail: { status: [{ 'anything-but': { prefix: 'fail' } }] } }],
    ['a range', { detail: { tokens: [{ numeric: ['>', 76, '<=', 77] }] } }],
    ['a field that exists', { detail: { tokens: [{ exists: true }] } }],
    ['a field that is absent', { detail: { missing: [{ exists: false }] } }],
    ['an absent field below an absent one', { detail: { no: { deeper: [{ exists: false }] } } }],
    ['fields of objects in an array', { detail: { outputs: { label: ['y'] } } }],
    ['one of two patterns', { $or: [{ source: ['other'] }, { detail: { tokens: [77] } }] }],
    ['the empty pattern', {}],
  ])('matches %s', (_, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(true);
  });

  test.each([
    ['other text', { source: ['Everytoken'] }],
    ['one field of two', { source: ['everytoken'], 'detail-type': ['RunFailed'] }],
    ['a number as text', { detail: { tokens: ['77'] } }],
    ['another prefix', { detail: { status: [{ prefix: 'ated' }] } }],
    ['a wildcard’s dot', { source: [{ wildcard: 'every.oken' }] }],
    ['an excluded value', { detail: { status: [{ 'anything-but': 'generated' }] } }],
    ['an excluded absent field', { detail: { missing: [{ 'anything-but': 'x' }] } }],
    ['a range that ends before', { detail: { tokens: [{ numeric: ['<', 77] }] } }],
    ['a range over text', { detail: { status: [{ numeric: ['>', 0] }] } }],
    ['an absent field', { detail: { missing: ['x'] } }],
    ['a field that exists', { detail: { tokens: [{ exists: false }] } }],
    ['an object as existing', { detail: { model: [{ exists: true }] } }],
    ['neither of two patterns', { $or: [{ source: ['other'] }, { detail: { tokens: [1] } }] }],
    ['fields spread over two objects', { detail: { outputs: { index: [0], label: ['y'] } } }],
    ['an inherited property', { detail: { constructor: [{ exists: true }] } }],
  ])('does not match %s', (_, pattern) => {
    expect(matchesPattern(pattern, event)).toBe(false);
  });

  test('that holds an unknown operator is refused by name', () => {
    expect(() => matchesPattern({ source: [{ cidr: '10.0.0.0/24' }] }, event)).toThrow('cidr');
  });

  test('built from the values of an event matches it, and no longer once a value changes', () => {
    const flat = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.oneof(fc.string(), fc.integer(), fc.boolean()),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(flat, (detail) => {
        const pattern = Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, [value]]));
        expect(matchesPattern({ detail: pattern }, { detail })).toBe(true);
        const [changed] = Object.keys(detail);
        expect(matchesPattern({ detail: pattern }, { detail: { ...detail, [changed ?? '']: null } })).toBe(
          false,
        );
      }),
      { numRuns: 100 },
    );
  });

  test('and its negation by anything-but never both match', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { minLength: 1 }), (value, list) => {
        const [is, isNot] = [
          matchesPattern({ f: list }, { f: value }),
          matchesPattern({ f: [{ 'anything-but': list }] }, { f: value }),
        ];
        expect(is).toBe(!isNot);
      }),
      { numRuns: 100 },
    );
  });
});
