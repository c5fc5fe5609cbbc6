import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readTokenLogprobs,
  restoreTokenLogprob,
  storeTokenLogprob,
} from '../../../lib/runs/token-logprobs.ts';

describe('log probabilities of tokens', () => {
  test('are read in the shape of OpenAI', () => {
    const entry = {
      ...{ token: ' né', logprob: -0.25, bytes: [32, 110, 195, 169] },
      top_logprobs: [{ token: ' né', logprob: -0.25, bytes: [32, 110, 195, 169] }],
    };
    expect(readTokenLogprobs([{ ...entry, rank: 1 }])).toEqual([entry]);
  });

  test('have one entry for each that was sent, with nulls for what is missing or of another shape', () => {
    const none = { token: '', logprob: null, bytes: null, top_logprobs: [] };
    const sent = [
      null,
      5,
      {},
      { token: 7, logprob: 'low', bytes: [-1], top_logprobs: {} },
      { bytes: [0.5, 1] },
    ];
    expect(readTokenLogprobs(sent)).toEqual(sent.map(() => none));
    expect(readTokenLogprobs([{ token: 'a\ud83d', logprob: Number.NEGATIVE_INFINITY }])).toEqual([
      { ...none, token: 'a\ufffd' },
    ]);
  });

  test('have at most 20 alternatives, and no token of more than 512 characters', () => {
    const [entry] = readTokenLogprobs([
      { token: 'x'.repeat(9_999), bytes: Array(9_999).fill(1), top_logprobs: Array(99).fill({ token: 'y' }) },
    ]);
    expect([entry?.token.length, entry?.bytes, entry?.top_logprobs.length]).toEqual([512, null, 20]);
  });

  test('are stored and restored as they were, whatever a server sent', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (sent) => {
        const entries = readTokenLogprobs(sent);
        const stored = JSON.parse(JSON.stringify(entries.map(storeTokenLogprob)));
        expect(stored.map(restoreTokenLogprob)).toEqual(JSON.parse(JSON.stringify(entries)));
      }),
    );
  });

  test('take less than half of the bytes of their JSON as they are stored, without the bytes of each token', () => {
    const token = (text: string, at: number) => ({
      ...{ token: text, logprob: -1.2345678 * (at + 1), bytes: [...Buffer.from(text)] },
    });
    const words = [
      ' vector',
      ' the',
      ' database',
      ' of',
      ' similarity',
      ' and',
      ' index',
      ' a',
      ' nearest',
      ' to',
    ];
    const top = [...words, ...words].map(token);
    const [entry] = readTokenLogprobs([{ ...top[0], top_logprobs: top }]);
    const bytes = (value: unknown) => JSON.stringify(value).length;
    expect(bytes(entry && storeTokenLogprob(entry))).toBeLessThan(21 * 35);
    expect(bytes(entry)).toBeGreaterThan(2 * bytes(entry && storeTokenLogprob(entry)));
  });
});
