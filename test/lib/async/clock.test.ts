import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../../lib/async/clock.ts';

const delays = { baseDelayMs: 500, maxDelayMs: 20_000 };

test('backoff doubles up to its limit', () => {
  expect([1, 2, 3, 4, 9].map((failures) => backoffMs(failures, delays, () => 0))).toEqual([
    500, 1_000, 2_000, 4_000, 20_000,
  ]);
});

test('jitter takes off up to half of the backoff', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, chance) => {
        const full = backoffMs(failures, delays, () => 0);
        const delay = backoffMs(failures, delays, () => chance);
        expect(delay).toBeLessThanOrEqual(full);
        expect(delay).toBeGreaterThan(full / 2);
      },
    ),
  );
});
