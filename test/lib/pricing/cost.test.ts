import { describe, expect, test } from 'vitest';
import { costOf, type Prices } from '../../../lib/pricing/cost.ts';

const price = { source: 'a price list', as_of: '2026-11-01' };
const prices: Prices = {
  priceOf: (model) => (model === 'priced' ? { input: 0.1, cached: 0.01, output: 0.5, price } : undefined),
};
const usage = { prompt_tokens: 1_000, completion_tokens: 200, reasoning_tokens: 0, cached_tokens: 400 };

describe('the cost of a generation', () => {
  test('is uncached input, cached input and output, each at its price per million', () => {
    const { costUsd, price: at } = costOf('priced', usage, prices, 0);
    expect(costUsd).toBeCloseTo((600 * 0.1 + 400 * 0.01 + 200 * 0.5) / 1e6, 12);
    expect(at).toEqual({ ...price, input: 0.1, cached: 0.01, output: 0.5 });
  });

  test('takes all input as uncached where the server does not count cached tokens', () => {
    const { costUsd } = costOf('priced', { ...usage, cached_tokens: null }, prices, 0);
    expect(costUsd).toBeCloseTo((1_000 * 0.1 + 200 * 0.5) / 1e6, 12);
  });

  test('is unknown, not nothing, for a model without a price', () => {
    expect(costOf('free', usage, prices, 0)).toEqual({ costUsd: null, price: null });
  });

  test.each(['prompt_tokens', 'completion_tokens'])('is unknown without %s', (field) => {
    expect(costOf('priced', { ...usage, [field]: null }, prices, 0)).toEqual({ costUsd: null, price: null });
  });
});
