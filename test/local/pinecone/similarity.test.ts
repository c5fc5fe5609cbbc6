import { describe, expect, test } from 'vitest';
import { type Measured, type Metric, measured, SCORE } from '../../../local/pinecone/similarity.ts';
import { makeProduct } from '../../../local/pinecone/vector-blocks.ts';

const vector = (...values: number[]) => measured(new Float32Array(values));
const score = (metric: Metric, query: Measured, record: Measured): number =>
  SCORE[metric](query, makeProduct(query.values))(record);

describe('the score of a pair', () => {
  test('by cosine is the product divided by both lengths', () => {
    // (3·4 + 4·3) / (5 · 5) = 24/25
    expect(score('cosine', vector(3, 4), vector(4, 3))).toBeCloseTo(0.96, 15);
    // (1·2 + 2·0 + 2·1) / (3 · √5)
    expect(score('cosine', vector(1, 2, 2), vector(2, 0, 1))).toBeCloseTo(4 / (3 * Math.sqrt(5)), 15);
    expect(score('cosine', vector(3, 4), vector(-6, -8))).toBe(-1);
    expect(score('cosine', vector(0, 0), vector(1, 2))).toBe(0);
  });

  test('by cosine does not change when zeros are appended', () => {
    const padded = score('cosine', vector(3, 4, 0, 0), vector(4, 3, 0, 0));
    expect(padded).toBe(score('cosine', vector(3, 4), vector(4, 3)));
  });

  test('by dotproduct is the product, and by euclidean the squared distance', () => {
    expect(score('dotproduct', vector(1, 2, 3), vector(4, -5, 6))).toBe(12);
    expect(score('euclidean', vector(1, 2, 3), vector(4, -2, 3))).toBe(25);
  });
});
