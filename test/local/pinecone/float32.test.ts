import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortestDecimal } from '../../../local/pinecone/float32.ts';

test.each([
  [0.1, '0.1'],
  [-0.3, '-0.3'],
  [1 / 3, '0.33333334'],
  [0, '0'],
  [16_777_216, '16777216'],
  [123_456.789, '123456.79'],
  [1e-45, '1e-45'],
  [1.1754944e-38, '1.1754944e-38'],
  [3.4028235e38, '3.4028235e+38'],
])('the float32 of %d is written as %s', (value, text) => {
  expect(JSON.stringify(shortestDecimal(Math.fround(value)))).toBe(text);
});

test('a float32 is written with the fewest digits that read back as it', () => {
  const digits = (value: number) => value.toExponential().replace(/e.*|\D/g, '').length;
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const shortest = shortestDecimal(value);
      expect(Math.fround(shortest)).toBe(value === 0 ? shortest : value);
      for (let fewer = 1; fewer < digits(shortest); fewer += 1) {
        expect(Math.fround(Number(value.toPrecision(fewer)))).not.toBe(value);
      }
    }),
    { numRuns: 2_000 },
  );
});
