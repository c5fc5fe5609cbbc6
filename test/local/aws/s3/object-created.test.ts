import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers, formEncodedKey, makeSequencer } from '../../../../local/aws/s3/object-created.ts';

test('encodes keys so that the documented way of decoding gives them back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
      expect(decodeURIComponent(formEncodedKey(key).replace(/\+/g, ' '))).toBe(key);
    }),
    { numRuns: 200 },
  );
});

test('leaves slashes, and writes spaces as plus', () => {
  expect(formEncodedKey('prompts/@me/a b+c.txt')).toBe('prompts/%40me/a+b%2Bc.txt');
});

test('gives growing sequencers, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 2 }), (times) => {
      let i = 0;
      const next = makeSequencer(() => times[i++] ?? 0);
      const given = times.map(() => next());
      expect(given.toSorted()).toEqual(given);
      expect(new Set(given).size).toBe(given.length);
    }),
    { numRuns: 100 },
  );
});

test('asks by event, prefix and suffix', () => {
  const notification = { event: 's3:ObjectCreated:Put', queueArn: 'q', prefix: 'in/', suffix: '.txt' };
  const object = { bucket: 'b', key: 'in/a.txt', size: 1, eTag: 'e', by: 'Put' };
  expect(covers(notification, object)).toBe(true);
  expect(covers(notification, { ...object, by: 'Copy' })).toBe(false);
  expect(covers(notification, { ...object, key: 'out/in/a.txt' })).toBe(false);
  expect(covers(notification, { ...object, key: 'in/a.csv' })).toBe(false);
  expect(covers({ ...notification, event: 's3:ObjectCreated:*' }, { ...object, by: 'Copy' })).toBe(true);
});
