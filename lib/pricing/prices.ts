import { own, rounded } from '../json/value.ts';
import type { Price, Usage } from '../runs/generation.ts';

/** USD per million tokens, for prompts of a given size; `cached` is the price of prompt tokens read from a cache. */
export type TokenPrice = { input: number; cached: number; output: number; price: Price };

/** The price port: the price of the model that answered, at an instant (epoch ms); undefined: unknown. */
export type Prices = { priceOf(model: string, promptTokens: number, at: number): TokenPrice | undefined };

/** Knows no price. Costs are then null, never 0. */
export const UNKNOWN_PRICES: Prices = { priceOf: () => undefined };

/** An operator's prices in USD per million tokens, keyed by the model's name as a run writes it. */
export type OwnPrices = Readonly<
  Record<string, { input: number; cached: number; output: number; source: string; as_of: string }>
>;

/**
 * Puts the operator's own prices before listed ones. They are looked up by the model that answered, which `idOf` turns
 * into a run's spelling, then by the requested model (`requestedId`, as the run wrote it): a request for an alias is
 * answered by a dated snapshot.
 */
export const withOwnPrices = (
  ownPrices: OwnPrices,
  listed: Prices,
  idOf: (model: string) => string,
  requestedId = '',
): Prices => {
  const ownPriceOf = (id: string): TokenPrice | undefined => {
    const found = own(ownPrices, id);
    if (found === undefined) return undefined;
    const { source, as_of, ...rates } = found;
    return { ...rates, price: { source, as_of } };
  };
  return {
    priceOf: (model, promptTokens, at) =>
      ownPriceOf(idOf(model)) ?? ownPriceOf(requestedId) ?? listed.priceOf(model, promptTokens, at),
  };
};

export type Cost = { costUsd: number | null; price: Price | null };

/**
 * The cost of a generation in USD, (in - cached) * pIn + cached * pCached + N * pOut, and the dated price of the model
 * that answered. Both are null when the price or the usage is unknown: unknown is never 0. A server that reports no
 * cached tokens is assumed to have cached none.
 */
export const costOf = (model: string, usage: Usage, prices: Prices, at: number): Cost => {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (prompt === null || completion === null) return { costUsd: null, price: null };
  const found = prices.priceOf(model, prompt, at);
  if (found === undefined) return { costUsd: null, price: null };
  const cached = Math.min(usage.cached_tokens ?? 0, prompt);
  const perMillion = (prompt - cached) * found.input + cached * found.cached + completion * found.output;
  const { input, cached: cachedRate, output, price } = found;
  return { costUsd: rounded(perMillion / 1e6), price: { ...price, input, cached: cachedRate, output } };
};
