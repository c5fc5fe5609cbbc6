import { describe, expect, test } from 'vitest';
import { costOf, type Prices, UNKNOWN_PRICES, withOwnPrices } from '../../../lib/pricing/prices.ts';

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

  test('counts all input as uncached if the server does not report cached tokens', () => {
    const { costUsd } = costOf('priced', { ...usage, cached_tokens: null }, prices, 0);
    expect(costUsd).toBeCloseTo((1_000 * 0.1 + 200 * 0.5) / 1e6, 12);
  });

  test('is unknown, not zero, for a model without a price', () => {
    expect(costOf('free', usage, prices, 0)).toEqual({ costUsd: null, price: null });
  });

  test.each(['prompt_tokens', 'completion_tokens'])('is unknown without %s', (field) => {
    expect(costOf('priced', { ...usage, [field]: null }, prices, 0)).toEqual({ costUsd: null, price: null });
  });
});

const ours = { source: 'our contract', as_of: '2026-11-01' };
const own = {
  'gpt-6-luna': { input: 1, cached: 1, output: 2, ...ours },
  'groq/llama': { input: 3, cached: 2, output: 4, ...ours },
};
const listed: Prices = {
  priceOf: () => ({ input: 9, cached: 9, output: 9, price: { source: 'a list', as_of: '2026-01-01' } }),
};

describe("an operator's price", () => {
  test('wins over the listed one, with its own source and date', () => {
    const { priceOf } = withOwnPrices(own, listed, (model) => model);
    expect(priceOf('gpt-6-luna', 1, 0)).toEqual({ input: 1, cached: 1, output: 2, price: ours });
    expect(priceOf('gpt-6-sol', 1, 0)?.input).toBe(9);
  });

  test('applies to one provider only', () => {
    const idOf = (model: string) => `groq/${model}`;
    expect(withOwnPrices(own, UNKNOWN_PRICES, idOf).priceOf('llama', 1, 0)?.input).toBe(3);
    expect(withOwnPrices(own, UNKNOWN_PRICES, idOf).priceOf('gpt-6-luna', 1, 0)).toBeUndefined();
    expect(withOwnPrices(own, UNKNOWN_PRICES, (model) => model).priceOf('llama', 1, 0)).toBeUndefined();
  });

  test('of the requested model applies if the model that answered has none', () => {
    const { priceOf } = withOwnPrices(own, listed, (model) => model, 'gpt-6-luna');
    expect(priceOf('gpt-6-luna-2026-09-01', 1, 0)?.input).toBe(1);
  });

  test('is not found under an inherited property name', () => {
    const { priceOf } = withOwnPrices(own, UNKNOWN_PRICES, (model) => model);
    for (const name of ['constructor', '__proto__', '']) expect(priceOf(name, 1, 0)).toBeUndefined();
  });
});
