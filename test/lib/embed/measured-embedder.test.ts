import { expect, test } from 'vitest';
import { emfDocuments } from '../../../lib/adapters/lambda/emf.ts';
import { measureEmbeddings, timed } from '../../../lib/embed/measured-embedder.ts';
import type { Embedder } from '../../../lib/vectors/ports.ts';

/** An embedder whose requests take 10 ms longer each time, and report these tokens; `undefined` fails. */
const open = (tokens: (number | null | undefined)[]) => {
  let now = 0;
  let asked = 0;
  const embedder: Embedder = {
    model: 'text-embedding-3-small',
    dimensions: 1,
    provider: 'openai',
    embed: async (texts) => {
      const reported = tokens[asked++];
      now += 10 * asked;
      if (reported === undefined) throw new Error('it failed');
      return { vectors: texts.map(() => new Float32Array([1])), tokens: reported };
    },
  };
  return timed(embedder, { monotonic: () => now });
};

test('every answered request is timed separately, and the tokens are summed', async () => {
  const { embedder, seen } = open([3, undefined, 4]);
  expect(embedder).toMatchObject({ model: 'text-embedding-3-small', provider: 'openai' });
  await embedder.embed(['a']);
  await expect(embedder.embed(['b'])).rejects.toThrow('it failed');
  await embedder.embed(['c']);
  expect(seen).toEqual({ requestsMs: [10, 30], tokens: 7 });
});

test('tokens that a server does not report are unknown, not zero', async () => {
  const { embedder, seen } = open([3, null, 4]);
  for (const text of ['a', 'b', 'c']) await embedder.embed([text]);
  expect(seen.tokens).toBeNull();
});

test('embeddings are measured as an operation of their own, apart from chat', () => {
  const measurements = measureEmbeddings(
    { model: 'text-embedding-3-small', provider: 'openai' },
    { requestsMs: [120, 80], tokens: 300 },
  );
  const attributes = {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'text-embedding-3-small',
  };
  expect(measurements).toEqual([
    { name: 'gen_ai.client.operation.duration', values: [0.12, 0.08], attributes },
    { name: 'everytoken.input_tokens', values: [300], attributes },
  ]);
  const line = { namespace: 'everytoken', timestamp: Date.UTC(2026, 10, 22) };
  expect(emfDocuments(measurements, line)).toHaveLength(1);
  expect(measureEmbeddings({ model: 'any' }, { requestsMs: [], tokens: null })).toEqual([]);
});
