import { describe, expect, test } from 'vitest';
import {
  ConfigurationError,
  DeadlineError,
  IncompleteOutputError,
  UpstreamError,
} from '../../../lib/errors.ts';
import { DEFAULT_RETRY_POLICY, nextDelayMs } from '../../../lib/generate/retry-policy.ts';

const policy = DEFAULT_RETRY_POLICY;
const first = { failures: 1, remainingMs: 100_000 };
const noJitter = () => 0;

describe('the wait before the next attempt', () => {
  test.each([
    new UpstreamError('openai', 'busy'),
    new DeadlineError('late'),
    new IncompleteOutputError('cut'),
    new Error('who knows'),
  ])('is the base delay after %s', (error) => {
    expect(nextDelayMs(error, first, policy, noJitter)).toBe(500);
  });

  test.each([
    new ConfigurationError('no key'),
    new UpstreamError('openai', 'no credit', { retryable: false }),
  ])('is null after %s', (error) => {
    expect(nextDelayMs(error, first, policy, noJitter)).toBeNull();
  });

  test('is the Retry-After of the server, if it sent one', () => {
    const error = new UpstreamError('openai', 'busy', { retryAfterMs: 7_000 });
    expect(nextDelayMs(error, first, policy, noJitter)).toBe(7_000);
  });

  test('is null if it would exceed the deadline', () => {
    const error = new UpstreamError('openai', 'busy', { retryAfterMs: 7_000 });
    expect(nextDelayMs(error, { failures: 1, remainingMs: 7_000 }, policy, noJitter)).toBeNull();
    expect(nextDelayMs(error, { failures: 1, remainingMs: 7_001 }, policy, noJitter)).toBe(7_000);
  });

  test('is null after the last attempt', () => {
    const error = new UpstreamError('openai', 'busy');
    expect(nextDelayMs(error, { ...first, failures: 3 }, policy, noJitter)).toBe(2_000);
    expect(nextDelayMs(error, { ...first, failures: 4 }, policy, noJitter)).toBeNull();
  });
});
