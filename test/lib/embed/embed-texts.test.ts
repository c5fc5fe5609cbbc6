import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embedTexts } from '../../../lib/embed/embed-texts.ts';
import { ConfigurationError, UpstreamError } from '../../../lib/errors.ts';
import type { Embedder } from '../../../lib/vectors/ports.ts';
import { makeMemoryEmbedder } from '../../memory/embedder.ts';

/** Answers any texts with the first of these vectors. */
const answering = (...vectors: number[][]): Embedder => ({
  model: 'fixed',
  dimensions: 2,
  embed: async (texts) => ({
    vectors: vectors.slice(0, texts.length).map((values) => Float32Array.from(values)),
    tokens: null,
  }),
});

describe('embedding many texts', () => {
  test('returns their vectors in order, in one request, and sends equal texts once', async () => {
    const embedder = makeMemoryEmbedder();
    const { embedded, tokens, requests } = await embedTexts(['one two', 'three', 'one two'], embedder);
    expect(embedder.requests).toEqual([['one two', 'three']]);
    expect(requests).toBe(1);
    expect(tokens).toBe(3);
    expect(embedded[0]?.vector).toEqual(embedded[2]?.vector);
    expect(embedded[0]?.vector).not.toEqual(embedded[1]?.vector);
  });

  test('sends no request when there is no text', async () => {
    const embedder = makeMemoryEmbedder();
    expect(await embedTexts([], embedder)).toEqual({ embedded: [], tokens: 0, requests: 0 });
    expect(embedder.requests).toEqual([]);
  });

  test('sends as few requests as the limits on inputs and bytes allow', async () => {
    const short = makeMemoryEmbedder({ dimensions: 4 });
    await embedTexts(
      Array.from({ length: 4_097 }, (_, at) => `text ${at}`),
      short,
    );
    expect(short.requests.map(({ length }) => length)).toEqual([2_048, 2_048, 1]);

    const long = makeMemoryEmbedder({ dimensions: 4 });
    await embedTexts(
      Array.from({ length: 301 }, (_, at) => `${at} `.padEnd(1_000, 'é').slice(0, 1_000)),
      long,
    );
    const sizes = long.requests.map((texts) => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(300_000);
    expect(sizes).toHaveLength(3);
  });

  test('returns an error for each refused text, and vectors for the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (bad) => {
        const embedder = makeMemoryEmbedder({ refuses: (text) => text.startsWith('bad') });
        const texts = bad.map((isBad, at) => `${isBad ? 'bad' : 'good'} ${at}`);
        const { embedded } = await embedTexts(texts, embedder);
        expect(embedded.map(({ error }) => error !== undefined)).toEqual(bad);
        expect(embedded.every(({ vector, error }) => (vector === undefined) !== (error === undefined))).toBe(
          true,
        );
      }),
      { numRuns: 40 },
    );
  });

  test('finds one bad text among many with few further requests', async () => {
    const embedder = makeMemoryEmbedder({ refuses: (text) => text === 'bad' });
    await embedTexts([...Array.from({ length: 1_023 }, (_, at) => `good ${at}`), 'bad'], embedder);
    // The whole, a harmless text, then two requests per halving of 1,024.
    expect(embedder.requests.length).toBe(2 + 2 * 10);
  });

  test('fails as a whole after two requests, when the service refuses every text', async () => {
    const embedder = makeMemoryEmbedder({ refuses: () => true });
    const all = embedTexts(['one', 'two', 'three', 'four'], embedder);
    await expect(all).rejects.toMatchObject({ service: 'embeddings', status: 400 });
    expect(embedder.requests).toHaveLength(2);
  });

  test('does not send blank texts', async () => {
    const embedder = makeMemoryEmbedder();
    const { embedded } = await embedTexts(['', ' \n', 'word'], embedder);
    expect(embedder.requests).toEqual([['word']]);
    expect(embedded.map(({ error }) => error?.code)).toEqual(['blank_text', 'blank_text', undefined]);
  });

  test('returns an error for each invalid vector, with its fault', async () => {
    const embedder = answering([1, 0], [Number.NaN, 1], [1, 2, 3], [0, 0], [], [Number.POSITIVE_INFINITY, 1]);
    const { embedded, tokens } = await embedTexts(['a', 'b', 'c', 'd', 'e', 'f'], embedder);
    expect(embedded.map(({ vector }) => vector !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(embedded.map(({ error }) => error?.message ?? '')).toEqual([
      '',
      expect.stringContaining('not a number'),
      expect.stringContaining('3 dimensions instead of 2'),
      expect.stringContaining('zeros'),
      expect.stringContaining('0 dimensions instead of 2'),
      expect.stringContaining('not a number'),
    ]);
    expect(tokens).toBeNull();
  });

  test('fails as a whole when a harmless text gets an invalid vector too', async () => {
    const all = embedTexts(['one', 'two'], answering([1, 2, 3], [1, 2, 3]));
    await expect(all).rejects.toMatchObject({ code: 'invalid_embedding' });
  });

  test('fails as a whole when the service refuses the only text and a harmless one', async () => {
    const only = embedTexts(['one'], makeMemoryEmbedder({ refuses: () => true }));
    await expect(only).rejects.toMatchObject({ status: 400 });
  });

  test('fails as a whole when vectors are missing, since they cannot be assigned to texts', async () => {
    await expect(embedTexts(['a', 'b'], answering([1, 0]))).rejects.toMatchObject({
      code: 'invalid_embedding',
      retryable: true,
    });
  });

  test('throws a failure that concerns all texts, and does not bisect them', async () => {
    for (const error of [
      new UpstreamError('embeddings', 'limited', { status: 429 }),
      new UpstreamError('embeddings', 'no quota', { status: 429, retryable: false }),
      new UpstreamError('embeddings', 'down', { status: 503 }),
      new ConfigurationError('wrong key'),
    ]) {
      let requests = 0;
      const embedder: Embedder = {
        model: 'failing',
        dimensions: 2,
        embed: async () => {
          requests += 1;
          throw error;
        },
      };
      await expect(embedTexts(['a', 'b', 'c'], embedder)).rejects.toBe(error);
      expect(requests).toBe(1);
    }
  });
});
