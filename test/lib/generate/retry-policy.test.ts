import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ConfigurationError,
  DeadlineError,
  IncompleteOutputError,
  UpstreamError,
} from '../../../lib/errors.ts';
import { backoffMs, DEFAULT_RETRY_POLICY, nextDelayMs } from '../../../lib/generate/retry-policy.ts';

const policy = DEFAULT_RETRY_POLICY;
const first = { failures: 1, remainingMs: 100_000 };
const noJitter = () => 0;

describe('the wait before the next try', () => {
  test('doubles up to its limit', () => {
    expect([1, 2, 3, 4, 9].map((failures) => backoffMs(failures, policy, noJitter))).toEqual([
      500, 1_000, 2_000, 4_000, 20_000,
    ]);
  });

  test('is taken down by chance, to half of it at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, chance) => {
          const full = backoffMs(failures, policy, noJitter);
          const delay = backoffMs(failures, policy, () => chance);
          expect(delay).toBeLessThanOrEqual(full);
          expect(delay).toBeGreaterThan(full / 2);
        },
      ),
    );
  });

  test.each([
    new UpstreamError('openai', 'busy'),
    new DeadlineError('late'),
    new IncompleteOutputError('cut'),
    new Error('who knows'),
  ])('follows %s', (error) => {
    expect(nextDelayMs(error, first, policy, noJitter)).toBe(500);
  });

  test.each([
    new ConfigurationError('no key'),
    new UpstreamError('openai', 'no credit', { retryable: false }),
  ])('is none after %s', (error) => {
    expect(nextDelayMs(error, first, policy, noJitter)).toBeNull();
  });

  test('is what the server asks for, when it asks', () => {
    const error = new UpstreamError('openai', 'busy', { retryAfterMs: 7_000 });
    expect(nextDelayMs(error, first, policy, noJitter)).toBe(7_000);
  });

  test('is none when it would outlast the deadline', () => {
    const error = new UpstreamError('openai', 'busy', { retryAfterMs: 7_000 });
    expect(nextDelayMs(error, { failures: 1, remainingMs: 7_000 }, policy, noJitter)).toBeNull();
    expect(nextDelayMs(error, { failures: 1, remainingMs: 7_001 }, policy, noJitter)).toBe(7_000);
  });

  test('is none after the last try', () => {
    const error = new UpstreamError('openai', 'busy');
    expect(nextDelayMs(error, { ...first, failures: 3 }, policy, noJitter)).toBe(2_000);
    expect(nextDelayMs(error, { ...first, failures: 4 }, policy, noJitter)).toBeNull();
  });
});
