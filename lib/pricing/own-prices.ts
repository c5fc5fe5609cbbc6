import type { Prices, TokenPrice } from './cost.ts';

/** An operator's prices: USD per million tokens, by a model's name as a run writes it. */
export type OwnPrices = Readonly<
  Record<string, { input: number; cached: number; output: number; source: string; as_of: string }>
>;

/** Nobody's prices: unknown is never 0. */
export const UNKNOWN_PRICES: Prices = { priceOf: () => undefined };

/**
 * Prices with the operator's own before those of a list. The operator's are found by the name of the model that
 * answered, which `idOf` writes as a run does, else by the one asked for (`askedId`, as the run wrote it): an alias is
 * answered by a dated snapshot.
 */
export const withOwnPrices = (
  own: OwnPrices,
  listed: Prices,
  idOf: (model: string) => string,
  askedId = '',
): Prices => {
  const ownPriceOf = (id: string): TokenPrice | undefined => {
    const found = Object.hasOwn(own, id) ? own[id] : undefined;
    if (found === undefined) return undefined;
    const { source, as_of, ...rates } = found;
    return { ...rates, price: { source, as_of } };
  };
  return {
    priceOf: (model, promptTokens, at) =>
      ownPriceOf(idOf(model)) ?? ownPriceOf(askedId) ?? listed.priceOf(model, promptTokens, at),
  };
};
