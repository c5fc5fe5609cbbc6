import { jsonBytes } from '../json/value.ts';
import type { TokenPrice } from '../pricing/prices.ts';
import type { Generation } from '../runs/generation.ts';
import type { ListedRun } from '../runs/ports.ts';
import { promptBytes, type RunRequest } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import type { Setting } from '../sampling/setting.ts';
import { type Amount, NOTHING, nanoUsdOf, type Spent } from './amount.ts';

/** The price of a setting's model for prompts of a given size; undefined: unknown. */
export type PriceOf = (setting: Setting, promptTokens: number) => TokenPrice | undefined;

/**
 * The upper bound of each generation's usage, by index: the UTF-8 bytes of what the model reads (no tokenizer produces
 * more tokens than that) plus `max_tokens`, at the model's price. Besides the prompt it may read `response_format`, as
 * a schema to follow, and `extra_body`, in which tools can be. Usage beyond the bound is counted when the run ends.
 */
export const boundsOf = (request: RunRequest, priceOf: PriceOf): Amount[] => {
  const ownBytes = promptBytes(request);
  return request.settings.flatMap((setting) => {
    const prompt = ownBytes + bytesOf(setting.responseFormat) + bytesOf(setting.extraBody);
    const price = priceOf(setting, prompt);
    const bound: Amount = {
      tokens: prompt + setting.maxTokens,
      nanoUsd: price ? nanoUsdOf((prompt * price.input + setting.maxTokens * price.output) / 1e6) : null,
    };
    return Array.from({ length: request.samples }, () => bound);
  });
};

const bytesOf = (field: unknown): number => (field === undefined ? 0 : jsonBytes(field));

/**
 * The usage of an ended generation. `bound` replaces figures that the server did not report. A failed generation
 * counts as its bound if any attempt produced a token, since that was billed; otherwise it counts as nothing.
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

/** The charge of a run on its caller's budget: its outputs' usage plus its reservation. */
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
