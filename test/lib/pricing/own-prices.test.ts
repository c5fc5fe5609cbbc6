import { describe, expect, test } from 'vitest';
import type { Prices } from '../../../lib/pricing/cost.ts';
import { UNKNOWN_PRICES, withOwnPrices } from '../../../lib/pricing/own-prices.ts';

const ours = { source: 'our contract', as_of: '2026-11-01' };
const own = {
  'gpt-6-luna': { input: 1, cached: 1, output: 2, ...ours },
  'groq/llama': { input: 3, cached: 2, output: 4, ...ours },
};
const listed: Prices = {
  priceOf: () => ({ input: 9, cached: 9, output: 9, price: { source: 'a list', as_of: '2026-01-01' } }),
};

describe("an operator's price", () => {
  test('goes before the listed one, and brings its source and date', () => {
    const { priceOf } = withOwnPrices(own, listed, (model) => model);
    expect(priceOf('gpt-6-luna', 1, 0)).toEqual({ input: 1, cached: 1, output: 2, price: ours });
    expect(priceOf('gpt-6-sol', 1, 0)?.input).toBe(9);
  });

  test('is of one provider alone', () => {
    const idOf = (model: string) => `groq/${model}`;
    expect(withOwnPrices(own, UNKNOWN_PRICES, idOf).priceOf('llama', 1, 0)?.input).toBe(3);
    expect(withOwnPrices(own, UNKNOWN_PRICES, idOf).priceOf('gpt-6-luna', 1, 0)).toBeUndefined();
    expect(withOwnPrices(own, UNKNOWN_PRICES, (model) => model).priceOf('llama', 1, 0)).toBeUndefined();
  });

  test('of the model asked for holds where the one that answered has none of its own', () => {
    const { priceOf } = withOwnPrices(own, listed, (model) => model, 'gpt-6-luna');
    expect(priceOf('gpt-6-luna-2026-09-01', 1, 0)?.input).toBe(1);
  });

  test('is not found under the name of something else', () => {
    const { priceOf } = withOwnPrices(own, UNKNOWN_PRICES, (model) => model);
    for (const name of ['constructor', '__proto__', '']) expect(priceOf(name, 1, 0)).toBeUndefined();
  });
});
