import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packIntegers, unpackIntegers } from '../../../lib/runs/packed-integers.ts';

describe('packed integers', () => {
  test('come back as they were, up to the largest safe one', () => {
    const sizes = fc.oneof(fc.nat(127), fc.nat(20_000), fc.nat(), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(sizes), (numbers) => {
        expect(unpackIntegers(packIntegers(numbers))).toEqual(numbers);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [[], ''],
    [[0], 'AA=='],
    [[1, 2, 3], 'AQID'],
    [[127, 128, 300], 'f4ABrAI='], // 7f, 80 01, ac 02
  ])('%j are the bytes one computes by hand', (numbers, packed) => {
    expect(packIntegers(numbers)).toBe(packed);
    expect(unpackIntegers(packed)).toEqual(numbers);
  });
});
