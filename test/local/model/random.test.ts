import { expect, test } from 'vitest';
import { seededRandom } from '../../../local/model/random.ts';

const take = (seed: number, stream?: number, count = 4): number[] => {
  const random = seededRandom(seed, stream);
  return Array.from({ length: count }, () => random());
};

test('the same seed gives the same random numbers, another seed or stream different ones', () => {
  expect(take(42)).toEqual(take(42));
  const streams = [take(42), take(43), take(42, 1), take(-42), take(42 + 2 ** 32), take(0)];
  expect(new Set(streams.map(String)).size).toBe(streams.length);
});

test('the random numbers fill [0, 1) evenly', () => {
  const numbers = take(1, 0, 10_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
    expect(share).toBeCloseTo(0.1, 1);
  }
});
