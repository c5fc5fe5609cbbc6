import { describe, expect, test } from 'vitest';
import { diversityDifference, pooledDiversity } from '../../../lib/comparisons/diversity.ts';
import type { EmbeddingDiversity } from '../../../lib/diversity/figures.ts';

// Four samples: t(3) = 3.1824, so an upper end 3.1824 x 0.01 above means a standard error of 0.01.
const diverse = (estimate: number, error: number): EmbeddingDiversity => ({
  n: 4,
  embedding_diversity: estimate,
  interval: [Math.max(0, estimate - 3.1824 * error), estimate + 3.1824 * error],
  vendi: null,
});
const unknown: EmbeddingDiversity = { n: 1, embedding_diversity: null, interval: null, vendi: null };

describe('the diversity of several prompts', () => {
  test('equals the prompt’s own for one prompt', () => {
    expect(pooledDiversity([diverse(0.2, 0.01)])?.mean).toBe(0.2);
    const [low = 0, high = 0] = pooledDiversity([diverse(0.2, 0.01)])?.interval ?? [];
    expect(low).toBeCloseTo(0.2 - 0.031824, 6);
    expect(high).toBeCloseTo(0.2 + 0.031824, 6);
  });

  test('is their mean, with combined errors, as worked out by hand', () => {
    // Errors 0.03 and 0.04: 0.05 together, halved: 0.025. Degrees (0.0025)² / ((0.0009² + 0.0016²) / 3) = 5.56, so t(5).
    const pooled = pooledDiversity([diverse(0.3, 0.03), diverse(0.5, 0.04), unknown]);
    expect(pooled?.mean).toBeCloseTo(0.4, 10);
    expect(pooled?.interval?.[1]).toBeCloseTo(0.4 + 2.5706 * 0.025, 6);
  });

  test('has no lower end below 0, and no interval when a prompt has none', () => {
    expect(pooledDiversity([diverse(0.01, 0.05)])?.interval?.[0]).toBe(0);
    const pair: EmbeddingDiversity = { n: 2, embedding_diversity: 0.2, interval: null, vendi: 1.2 };
    expect(pooledDiversity([pair, diverse(0.4, 0.01)])).toEqual({
      mean: expect.closeTo(0.3),
      interval: null,
    });
    expect(pooledDiversity([unknown])).toBeNull();
  });
});

describe('the difference of two settings’ diversities', () => {
  test('combines the errors of both, as worked out by hand', () => {
    // 0.03 and 0.04 give 0.05; degrees 0.0025² / (0.0009² / 3 + 0.0016² / 3) = 5.56, so t(5).
    const found = diversityDifference([diverse(0.5, 0.03)], [diverse(0.2, 0.04)]);
    expect(found?.difference).toBeCloseTo(0.3, 10);
    expect(found?.interval?.[0]).toBeCloseTo(0.3 - 2.5706 * 0.05, 6);
    expect(found?.interval?.[1]).toBeCloseTo(0.3 + 2.5706 * 0.05, 6);
  });

  test('has an interval of no width when neither varies', () => {
    expect(diversityDifference([diverse(0, 0)], [diverse(0, 0)])).toEqual({
      difference: 0,
      interval: [0, 0],
    });
  });

  test('is null without prompts', () => {
    expect(diversityDifference([], [])).toBeNull();
  });
});
