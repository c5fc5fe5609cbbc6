import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers, formEncodedKey, makeSequencer } from '../../../../local/aws/s3/object-created.ts';

test('keys are encoded so that the documented decoding returns them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
      expect(decodeURIComponent(formEncodedKey(key).replace(/\+/g, ' '))).toBe(key);
    }),
    { numRuns: 200 },
  );
});

test('encoded keys keep slashes, and have plus signs for spaces', () => {
  expect(formEncodedKey('prompts/@me/a b+c.txt')).toBe('prompts/%40me/a+b%2Bc.txt');
});

test('sequencers grow even when the clock does not', () => {
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

test('a notification is filtered by event, prefix and suffix', () => {
  const notification = { event: 's3:ObjectCreated:Put', queueArn: 'q', prefix: 'in/', suffix: '.txt' };
  const object = { bucket: 'b', key: 'in/a.txt', size: 1, eTag: 'e', by: 'Put' };
  expect(covers(notification, object)).toBe(true);
  expect(covers(notification, { ...object, by: 'Copy' })).toBe(false);
  expect(covers(notification, { ...object, key: 'out/in/a.txt' })).toBe(false);
  expect(covers(notification, { ...object, key: 'in/a.csv' })).toBe(false);
  expect(covers({ ...notification, event: 's3:ObjectCreated:*' }, { ...object, by: 'Copy' })).toBe(true);
});
