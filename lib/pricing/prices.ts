import type { Price, Usage } from '../runs/generation.ts';

/** USD per million tokens, for prompts of a given size; `cached` is the price of prompt tokens read from a cache. */
export type TokenPrice = { input: number; cached: number; output: number; price: Price };

/** The price port: what the model that answered costs on a day (epoch ms); undefined where nobody knows. */
export type Prices = { priceOf(model: string, promptTokens: number, at: number): TokenPrice | undefined };

/** Nobody's prices: unknown is never 0. */
export const UNKNOWN_PRICES: Prices = { priceOf: () => undefined };

/** An operator's prices: USD per million tokens, by a model's name as a run writes it. */
export type OwnPrices = Readonly<
  Record<string, { input: number; cached: number; output: number; source: string; as_of: string }>
>;

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

export type Cost = { costUsd: number | null; price: Price | null };

/**
 * What a generation cost, in USD, and the price it was computed with: (in - cached) * pIn + cached * pCached + N * pOut,
 * at the dated price of the model that answered. Both null when the model has no known price or the usage is not known: unknown is never 0.
 * A server that counts no cached tokens is taken to have cached none.
 */
export const costOf = (model: string, usage: Usage, prices: Prices, at: number): Cost => {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (prompt === null || completion === null) return { costUsd: null, price: null };
  const found = prices.priceOf(model, prompt, at);
  if (found === undefined) return { costUsd: null, price: null };
  const cached = Math.min(usage.cached_tokens ?? 0, prompt);
  const perMillion = (prompt - cached) * found.input + cached * found.cached + completion * found.output;
  const { input, cached: cachedRate, output, price } = found;
  return { costUsd: perMillion / 1e6, price: { ...price, input, cached: cachedRate, output } };
};
