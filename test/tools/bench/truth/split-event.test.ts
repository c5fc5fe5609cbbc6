import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../../local/model/random.ts';
import { splitEvent } from '../../../../tools/bench/truth/split-event.ts';

test('any event comes in three parts that put together are the event, one cut being inside a character if it can', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 3 }), fc.nat(), (text, seed) => {
      const bytes = Buffer.from(text);
      const parts = splitEvent(bytes, seededRandom(seed));
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      expect(parts).toHaveLength(3);
      expect(parts.every(({ length }) => length > 0)).toBe(true);
      const whole = (part: Uint8Array) => !Buffer.from(part).toString('utf8').includes('\uFFFD');
      if (bytes.length > text.length && !text.includes('\uFFFD')) expect(parts.every(whole)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('fewer than three bytes stay whole', () => {
  expect(splitEvent(Buffer.from('é'), seededRandom(1))).toEqual([Buffer.from('é')]);
});
