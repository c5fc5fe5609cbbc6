import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestMatches, type Candidate } from '../../../local/pinecone/best-matches.ts';
import { METRICS, measured, SCORE } from '../../../local/pinecone/similarity.ts';
import { makeProduct, makeVectorBlocks } from '../../../local/pinecone/vector-blocks.ts';

const values = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));
const vectorOf = (pair: number[]) => measured(new Float32Array(pair));

describe('the best matches', () => {
  test('are the top of all, sorted by score and then by id, for every metric', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(values, { maxLength: 40 }),
        values,
        fc.integer({ min: 1, max: 45 }),
        fc.constantFrom(...METRICS),
        async (pairs, pair, limit, metric) => {
          // Some in the memory of an index, some not, in any order.
          const { keep } = makeVectorBlocks(2);
          const place = (item: number[], i: number) => {
            const vector = vectorOf(item);
            return i % 3 === 0 ? vector : { ...vector, values: keep(vector.values) };
          };
          const records: Candidate[] = pairs.map((item, i) => ({ id: `v${i}`, ...place(item, i) }));
          const query = vectorOf(pair);
          const even = ({ id }: Candidate): boolean => Number(id.slice(1)) % 2 === 0;
          const sign = metric === 'euclidean' ? 1 : -1;
          const sorted = records
            .filter(even)
            .map((record) => ({
              id: record.id,
              score: SCORE[metric](query, makeProduct(query.values))(record),
            }))
            .sort((a, b) => sign * (a.score - b.score) || (a.id < b.id ? -1 : 1))
            .slice(0, limit);
          const found = await bestMatches(records, query, metric, limit, even);
          expect(found.map(({ record, score }) => ({ id: record.id, score }))).toEqual(sorted);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('let other work run during a long scan', async () => {
    const query = measured(new Float32Array(2_000).fill(1));
    const records = Array.from({ length: 3_000 }, (_, i) => ({ id: `v${i}`, ...query }));
    let turns = 0;
    const turn = (): void => {
      turns++;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    const found = await bestMatches(records, query, 'cosine', 2, () => true);
    clearImmediate(immediate);
    expect(found.map(({ record }) => record.id)).toEqual(['v0', 'v1']);
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});
