import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RETRY_LIMITS, retryAfterMs, retryUpstream, withoutPrompt } from '../../../lib/adapters/upstream.ts';
import { UpstreamError } from '../../../lib/errors.ts';

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const said = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), NOW);

test('a Retry-After is read in seconds, in ms, and as a date', () => {
  expect(said({ 'retry-after': '2' })).toBe(2_000);
  expect(said({ 'retry-after': '0.5' })).toBe(500);
  expect(said({ 'retry-after': '2', 'retry-after-ms': '150' })).toBe(150);
  expect(said({ 'retry-after': 'Fri, 20 Nov 2026 12:00:03 GMT' })).toBe(3_000);
  expect(said({ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' })).toBe(0);
  expect(said({ 'retry-after': 'soon' })).toBeUndefined();
  expect(said({})).toBeUndefined();
});

test('an unknown failure is retried too, and its last error thrown', async () => {
  let tries = 0;
  const failing = retryUpstream(
    async () => {
      tries += 1;
      throw new Error(`try ${tries}`);
    },
    { ...RETRY_LIMITS, attempts: 3, baseDelayMs: 1 },
  );
  await expect(failing).rejects.toThrow('try 3');
});

test('a caller that aborts during a pause gets the last error', async () => {
  const leaving = new AbortController();
  const waiting = retryUpstream(
    async () => {
      setImmediate(() => leaving.abort());
      throw new UpstreamError('openai', 'limited', { status: 429, retryAfterMs: 30_000 });
    },
    RETRY_LIMITS,
    leaving.signal,
  );
  await expect(waiting).rejects.toMatchObject({ status: 429 });
});

test('words that are not from the prompt stay as they are', () => {
  expect(withoutPrompt('Unsupported parameter: temperature', ['Explain vector databases.'])).toBe(
    'Unsupported parameter: temperature',
  );
});

test('a quotation from the prompt is left out, whole or in part', () => {
  const prompt = 'My neighbour, Mr Example of 12 Sample Street, owes me money.';
  expect(withoutPrompt(`flagged: "${prompt}"`, ['other', prompt])).toBe('flagged: "…"');
  expect(withoutPrompt(`flagged: Mr Example of 12 Sample Street!`, [prompt])).toBe('flagged:…!');
  expect(withoutPrompt('cannot answer "tell me"', ['tell me'])).toBe('cannot answer "…"');
});

test('a long message is cut', () => {
  expect(withoutPrompt('x'.repeat(1_000), [])).toBe(`${'x'.repeat(300)}…`);
});

test('no 16 characters of a prompt are ever left in a message', () => {
  const word = fc.string({ minLength: 0, maxLength: 60 });
  fc.assert(
    fc.property(
      word,
      fc.string({ minLength: 16, maxLength: 80 }),
      word,
      fc.nat(60),
      (before, prompt, after, from) => {
        const quoted = prompt.slice(from % 20);
        const shown = withoutPrompt(`${before}${quoted}${after}`, [prompt]);
        for (let at = 0; at + 16 <= prompt.length; at++)
          expect(shown).not.toContain(prompt.slice(at, at + 16));
      },
    ),
    { numRuns: 200 },
  );
});
