import type { TokenPrice } from '../pricing/prices.ts';
import type { Generation } from '../runs/generation.ts';
import type { ListedRun } from '../runs/ports.ts';
import { promptBytes, type RunRequest } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import type { Setting } from '../sampling/setting.ts';
import { type Amount, NOTHING, nanoUsdOf, type Spent } from './amount.ts';

/** The price that a setting's model has for prompts of a size; undefined where nobody knows. */
export type PriceOf = (setting: Setting, promptTokens: number) => TokenPrice | undefined;

/**
 * The most that each generation of a run should use, by index: the prompt's UTF-8 bytes (no tokenizer makes more
 * tokens of it) and `max_tokens`, at the model's price. What a model uses beyond it is counted when the run ends.
 */
export const boundsOf = (request: RunRequest, priceOf: PriceOf): Amount[] => {
  const prompt = promptBytes(request);
  return request.settings.flatMap((setting) => {
    const price = priceOf(setting, prompt);
    const bound: Amount = {
      tokens: prompt + setting.maxTokens,
      nanoUsd: price ? nanoUsdOf((prompt * price.input + setting.maxTokens * price.output) / 1e6) : null,
    };
    return Array.from({ length: request.samples }, () => bound);
  });
};

/**
 * What an ended generation used. Where the server did not say, its bound counts; a failed one counts if any of its
 * tries got so far as to a token, since that was billed.
 */
export const usedBy = (
  { status, usage, cost_usd: cost, attempts }: Generation,
  bound: Amount = { tokens: 0, nanoUsd: null },
): Amount => {
  if (status === 'failed') return attempts.some(({ ttft_ms }) => ttft_ms !== null) ? bound : NOTHING;
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  return {
    tokens: prompt === null || completion === null ? bound.tokens : prompt + completion,
    nanoUsd: cost === null ? bound.nanoUsd : nanoUsdOf(cost),
  };
};

/** What a run counts on a budget, by what stands in it: what its outputs used, and what it has set aside. */
export const chargeOf = ({
  generations,
  reserved = null,
}: Pick<ListedRun, 'generations'> & Partial<Pick<Run, 'reserved'>>): Spent =>
  generations.reduce<Spent>(
    (sum, { promptTokens, completionTokens, costUsd }) => ({
      tokens: sum.tokens + (promptTokens ?? 0) + (completionTokens ?? 0),
      nanoUsd: sum.nanoUsd + nanoUsdOf(costUsd ?? 0),
    }),
    reserved ?? NOTHING,
  );
