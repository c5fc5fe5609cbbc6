import type { Price, Usage } from '../runs/generation.ts';

/** USD per million tokens, for prompts of a given size; `cached` is the price of prompt tokens read from a cache. */
export type TokenPrice = { input: number; cached: number; output: number; price: Price };

/** The price port: what the model that answered costs on a day (epoch ms); undefined where nobody knows. */
export type Prices = { priceOf(model: string, promptTokens: number, at: number): TokenPrice | undefined };

export type Cost = { costUsd: number | null; price: Price | null };

/**
 * What a generation cost, in USD, and the price it was computed with: (in - cached) * pIn + cached * pCached + N * pOut, at the dated price of the model
 * that answered. Both null when the model has no known price or the usage is not known: unknown is never 0.
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
