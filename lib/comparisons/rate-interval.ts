import { t975 } from '../diversity/student-t.ts';
import type { Interval } from './view.ts';

/**
 * The 95% interval of the difference of two pass rates over the same blocks, after Bonett and Price (2012): `onlyA`
 * blocks in which only a passed, `onlyB` in which only b did, of `n`. One block of each kind is added, since few blocks
 * that all agree would give a width of 0, and Student's t takes the place of the normal distribution's quantile.
 * https://doi.org/10.3102/1076998611411915
 */
export const rateDifferenceInterval = (onlyA: number, onlyB: number, n: number): Interval => {
  const [a, b] = [(onlyA + 1) / (n + 2), (onlyB + 1) / (n + 2)];
  const half = t975(n + 1) * Math.sqrt((a + b - (a - b) ** 2) / (n + 2));
  return [Math.max(-1, a - b - half), Math.min(1, a - b + half)];
};
