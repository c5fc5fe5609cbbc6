import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CreateEmbeddingsDeps, makeCreateEmbeddings } from '../../../lib/embed/create-embeddings.ts';
import { UpstreamError } from '../../../lib/errors.ts';
import type { EmbeddingInput, InputEmbedder } from '../../../lib/vectors/ports.ts';
import { makeMemoryEmbedder } from '../../memory/embedder.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const PRICE = { input: 2, cached: 2, output: 0, price: { source: 'x', as_of: '2026-11-01' } };
const account = { caller: 'docs', day: '2026-11-22' };

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const counted = async () => (await world.spend.get(account))?.tokens ?? 0;
const limit = (tokens: number | null, costUsd: number | null = null) =>
  world.budgets.set('docs', { tokens, costUsd });

/** An embedder whose requests end as `moods` says, one after the other. */
type Mood = 'answers' | 'counts nothing' | 'drops' | 'refuses';
const moody = (moods: Mood[], asked: (inputs: EmbeddingInput[]) => Promise<number>): InputEmbedder => {
  const { embedInputs, ...embedder } = makeMemoryEmbedder();
  return {
    ...embedder,
    embedInputs: async (inputs, { around, signal } = {}) => {
      for (const [at, mood] of moods.entries()) {
        try {
          const send = async () => {
            if (mood === 'refuses') throw new UpstreamError('embeddings', 'busy', { status: 503 });
            const tokens = await asked(inputs);
            if (mood === 'drops') throw new UpstreamError('embeddings', 'gone');
            const { vectors } = await embedInputs(inputs);
            return { vectors, tokens: mood === 'answers' ? tokens : null };
          };
          return await (around ? around(send) : send());
        } catch (error) {
          if (at === moods.length - 1 || signal?.aborted) throw error;
        }
      }
      throw new Error('no mood was given');
    },
  };
};

const create = (embedder: InputEmbedder, changes: Partial<CreateEmbeddingsDeps> = {}) =>
  makeCreateEmbeddings({
    ...{ embedder, budget: world.deps.budget, clock: world.clock, log: world.log },
    embeddingPriceOf: () => PRICE,
    ...changes,
  });

describe('the budget of a caller who embeds', () => {
  test('has the bytes of the texts reserved, and the server’s count in their place', async () => {
    await limit(100);
    let during = 0;
    const embedder = moody(['answers'], async () => {
      during = await counted();
      return 3;
    });
    const answer = await create(embedder)({ inputs: ['four', 'five5'] }, 'docs');
    expect([during, await counted()]).toEqual([4 + 5 + 2 * 2, 3]);
    expect(answer).toMatchObject({ tokens: 3, costUsd: 0.000_006 });
    expect(await world.spend.get(account)).toEqual({
      tokens: 3,
      nanoUsd: 6_000,
      requests: { tokens: 3, nanoUsd: 6_000 },
    });
  });

  test('counts a token id as one token', async () => {
    await limit(100);
    let during = 0;
    const embedder = moody(['counts nothing'], async () => {
      during = await counted();
      return 0;
    });
    await create(embedder)({ inputs: [[100_000, 100_001, 7]] }, 'docs');
    // The server gave no count, so the bound stays.
    expect([during, await counted()]).toEqual([3 + 2, 3 + 2]);
  });

  test('counts nothing of a refused request, and all of one without an answer', async () => {
    await limit(100);
    const asked = async () => 3;
    await create(moody(['refuses', 'answers'], asked))({ inputs: ['abcd'] }, 'docs');
    expect(await counted()).toBe(3);
    await create(moody(['drops', 'answers'], asked))({ inputs: ['abcd'] }, 'docs');
    expect(await counted()).toBe(3 + 6 + 3);
    await expect(create(moody(['refuses'], asked))({ inputs: ['abcd'] }, 'docs')).rejects.toThrow('busy');
    expect(await counted()).toBe(3 + 6 + 3);
  });

  test('ends the retries of a lost request that it does not cover again', async () => {
    await limit(10);
    let requests = 0;
    const embedder = moody(['drops', 'answers', 'answers'], async () => {
      requests += 1;
      return 3;
    });
    await expect(create(embedder)({ inputs: ['abcd'] }, 'docs')).rejects.toMatchObject({
      code: 'over_budget',
    });
    expect([requests, await counted()]).toEqual([1, 6]);
  });

  test('in USD needs a price, and refuses before anything is sent', async () => {
    await limit(null, 1);
    const embedder = moody(['answers'], () => Promise.reject(new Error('it was asked')));
    const embed = create(embedder, { embeddingPriceOf: () => undefined });
    await expect(embed({ inputs: ['abcd'] }, 'docs')).rejects.toMatchObject({ code: 'price_unknown' });
    expect(await world.spend.get(account)).toBeUndefined();
  });

  test('stays over-counted, never under, when the process ends between the answer and its count', async () => {
    await limit(100);
    const settled = Promise.withResolvers<void>();
    const settle = () => {
      settled.resolve();
      return new Promise<never>(() => {});
    };
    const lost = { ...world.deps.budget, settle };
    void create(
      moody(['answers'], async () => 3),
      { budget: lost },
    )({ inputs: ['abcd'] }, 'docs');
    await settled.promise;
    expect(await counted()).toBe(6);
  });
});

test('at every moment the budget counts at least what the server may bill, and never more than it holds', async () => {
  const mood = fc.constantFrom<Mood>('answers', 'counts nothing', 'drops', 'refuses');
  const input = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== ''),
    fc.array(fc.nat(200_000), { minLength: 1, maxLength: 20 }),
  );
  const request = fc.record({
    inputs: fc.array(input, { minLength: 1, maxLength: 5 }),
    moods: fc.array(mood, { minLength: 1, maxLength: 4 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 600 }),
      async (requests, budget) => {
        world = makeWorld();
        await limit(budget);
        let billed = 0;
        const sizeOf = (each: EmbeddingInput) =>
          (typeof each === 'string' ? Buffer.byteLength(each) : each.length) + 2;
        const send = async ({ inputs, moods, share }: (typeof requests)[number]) => {
          const embedder = moody(moods, async (sent) => {
            const tokens = Math.round(share * sent.reduce((sum, each) => sum + sizeOf(each), 0));
            billed += tokens;
            expect(await counted()).toBeGreaterThanOrEqual(billed);
            return tokens;
          });
          await create(embedder)({ inputs }, 'docs').catch((error) => {
            if (!['over_budget', 'upstream_error'].includes(error.code)) throw error;
          });
        };
        await Promise.all(requests.map(send));
        expect(await counted()).toBeGreaterThanOrEqual(billed);
        expect(await counted()).toBeLessThanOrEqual(budget);
      },
    ),
    { numRuns: 200 },
  );
});
