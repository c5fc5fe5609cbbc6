import { expect, test } from 'vitest';
import { timed } from '../../../lib/embed/timed-embedder.ts';
import type { Embedder } from '../../../lib/vectors/ports.ts';

/** Takes 10 ms a request longer each time, and answers with the tokens it is told; `undefined` fails. */
const open = (tokens: (number | null | undefined)[]) => {
  let now = 0;
  let asked = 0;
  const embedder: Embedder = {
    model: 'text-embedding-3-small',
    dimensions: 1,
    provider: 'openai',
    embed: async (texts) => {
      const told = tokens[asked++];
      now += 10 * asked;
      if (told === undefined) throw new Error('it failed');
      return { vectors: texts.map(() => new Float32Array([1])), tokens: told };
    },
  };
  return timed(embedder, { monotonic: () => now });
};

test('every answered request is timed by itself, and their tokens are added up', async () => {
  const { embedder, seen } = open([3, undefined, 4]);
  expect(embedder).toMatchObject({ model: 'text-embedding-3-small', provider: 'openai' });
  await embedder.embed(['a']);
  await expect(embedder.embed(['b'])).rejects.toThrow('it failed');
  await embedder.embed(['c']);
  expect(seen).toEqual({ requestsMs: [10, 30], tokens: 7 });
});

test('tokens that a server does not tell are unknown, not zero', async () => {
  const { embedder, seen } = open([3, null, 4]);
  for (const text of ['a', 'b', 'c']) await embedder.embed([text]);
  expect(seen.tokens).toBeNull();
});
