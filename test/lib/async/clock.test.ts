import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageMs, instantOf } from '../../../lib/async/clock.ts';

const clockAt = (now: number, monotonic: number) => ({ now: () => now, monotonic: () => monotonic });

describe('the age of an instant', () => {
  const since = instantOf(clockAt(1_000, 50));

  test.each([
    ['both clocks agree', 6_000, 5_050, 5_000],
    ['the wall clock was set forward', 3_601_000, 5_050, 3_600_000],
    ['the wall clock was set back, but not before the instant', 1_001, 5_050, 5_000],
    ['the monotonic clock stood still', 6_000, 50, 5_000],
    ['the wall clock was set back before the instant', 999, 51, Number.POSITIVE_INFINITY],
  ])('is the larger one when %s', (_, now, monotonic, age) => {
    expect(ageMs(since, clockAt(now, monotonic))).toBe(age);
  });

  test('is never below the time that passed, if one of the two clocks counted it', () => {
    const ms = fc.integer({ min: 0, max: 1e9 });
    const setting = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(ms, setting, (passed, set) => {
        const byMonotonic = ageMs(since, clockAt(1_000 + set, 50 + passed));
        const byWallClock = ageMs(since, clockAt(1_000 + passed, 50));
        return byMonotonic >= passed && byWallClock >= passed;
      }),
    );
  });
});
