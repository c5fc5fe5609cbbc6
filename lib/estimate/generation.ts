import { usdOf } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import type { PriceOf } from '../budget/charges.ts';
import { jsonBytes } from '../json/value.ts';
import type { TokenPrice } from '../pricing/prices.ts';
import { promptBytes, type RunRequest } from '../runs/request.ts';
import type { EarlierOutputs } from './earlier-outputs.ts';
import { mapRange, type Range, sumOf, ZERO } from './ranges.ts';

/** The tokens, cost and time that generations would take; `e2eMs` is of one of them. */
export type Taken = {
  promptTokens: Range;
  completionTokens: Range;
  /** US dollars; null where a price is unknown. */
  costUsd: Range | null;
  e2eMs: Range;
};

const NOTHING: Taken = { promptTokens: ZERO, completionTokens: ZERO, costUsd: ZERO, e2eMs: ZERO };

/** The bounds and prices that an estimate takes. */
export type EstimatePricing = { budget: Pick<Budget, 'boundsOf'>; priceOf: PriceOf };

/** Bytes of a prompt's texts for each of its tokens. */
export const BYTES_A_TOKEN = { low: 6, typical: 4 };
/** An output of a model of which there is no earlier one: its least length, and its speed. */
export const UNKNOWN = {
  tokens: 16,
  ttftMs: { low: 100, high: 5_000 },
  tokensPerSecond: { low: 10, high: 300 },
};

/**
 * Estimates one generation of the setting at `at`. The highest tokens and cost are those that a budget reserves for one
 * attempt.
 */
export const estimateGeneration = (
  request: RunRequest,
  at: number,
  earlier: EarlierOutputs | undefined,
  { budget, priceOf }: EstimatePricing,
): Taken => {
  const setting = request.settings[at];
  const bound = budget.boundsOf(request)[at * request.samples];
  if (!setting || !bound) return NOTHING;
  const { maxTokens } = setting;
  const bytes = promptBytes(request) + (setting.tools ? jsonBytes(setting.tools) : 0);
  const prompt = {
    low: Math.max(1, Math.ceil(bytes / BYTES_A_TOKEN.low)),
    typical: Math.max(1, Math.ceil(bytes / BYTES_A_TOKEN.typical)),
    high: bound.tokens - maxTokens,
  };
  const completion = {
    ...mapRange(earlier?.tokens ?? { low: UNKNOWN.tokens, typical: null, high: maxTokens }, (tokens) =>
      Math.min(maxTokens, tokens),
    ),
    high: maxTokens,
  };
  const price = priceOf(setting, prompt.typical);
  return {
    promptTokens: prompt,
    completionTokens: completion,
    costUsd:
      price === undefined || bound.nanoUsd === null
        ? null
        : costOf(price, prompt, completion, usdOf(bound.nanoUsd)),
    e2eMs: e2eOf(completion, earlier),
  };
};

/** The lowest cost takes the prompt at the price of cached tokens. */
const costOf = (
  { input, cached, output }: TokenPrice,
  prompt: { low: number; typical: number },
  completion: Range,
  high: number,
): Range => ({
  low: (prompt.low * Math.min(cached, input) + completion.low * output) / 1e6,
  typical: completion.typical === null ? null : (prompt.typical * input + completion.typical * output) / 1e6,
  high,
});

/** Time to the first token, and a time for each further one. */
const e2eOf = (tokens: Range, earlier: EarlierOutputs | undefined): Range => {
  const { ttftMs, tokensPerSecond } = UNKNOWN;
  const ttft = earlier?.ttftMs ?? { ...ttftMs, typical: null };
  const tpot = earlier?.tpotMs ?? {
    low: 1_000 / tokensPerSecond.high,
    typical: null,
    high: 1_000 / tokensPerSecond.low,
  };
  const further = (count: number) => Math.max(0, count - 1);
  return {
    low: ttft.low + tpot.low * further(tokens.low),
    typical:
      ttft.typical === null || tpot.typical === null || tokens.typical === null
        ? null
        : ttft.typical + tpot.typical * further(tokens.typical),
    high: ttft.high + tpot.high * further(tokens.high),
  };
};

/** Adds up what generations of several prompts or settings take, each of them `times`. One takes as long as their mean. */
export const addUp = (all: readonly Taken[], times = 1): Taken => {
  const sum = (ranges: Range[]) => mapRange(sumOf(ranges), (value) => value * times);
  const costs = all.map(({ costUsd }) => costUsd);
  const known = costs.filter((cost) => cost !== null);
  return {
    promptTokens: sum(all.map(({ promptTokens }) => promptTokens)),
    completionTokens: sum(all.map(({ completionTokens }) => completionTokens)),
    costUsd: known.length < costs.length ? null : sum(known),
    e2eMs: mapRange(sumOf(all.map(({ e2eMs }) => e2eMs)), (value) => value / Math.max(1, all.length)),
  };
};
