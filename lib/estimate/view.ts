import type { BudgetView } from '../budget/daily.ts';
import { rounded } from '../json/value.ts';
import { EARLIER_RUNS, type EarlierOf, type EarlierOutputs } from './earlier-outputs.ts';
import { BYTES_A_TOKEN, type Taken, UNKNOWN } from './generation.ts';
import { mapRange, type Range, sumOf } from './ranges.ts';

/** Expected tokens and cost as the API shows them. */
export type TakenView = {
  prompt_tokens: Range;
  completion_tokens: Range;
  tokens: Range;
  /** Null when a price is unknown. */
  cost_usd: Range | null;
};

export const viewTaken = ({
  promptTokens,
  completionTokens,
  costUsd,
}: Pick<Taken, 'promptTokens' | 'completionTokens' | 'costUsd'>): TakenView => ({
  prompt_tokens: whole(promptTokens),
  completion_tokens: whole(completionTokens),
  tokens: whole(sumOf([promptTokens, completionTokens])),
  cost_usd: costUsd && mapRange(costUsd, rounded),
});

export const whole = (range: Range): Range => mapRange(range, Math.round);

/** Whether an amount is covered: `yes` at its highest, `maybe` at its lowest alone, or `no`. */
export type Fits = 'yes' | 'maybe' | 'no';

export const fitsBy = (covers: (bound: 'low' | 'high') => boolean): Fits =>
  covers('high') ? 'yes' : covers('low') ? 'maybe' : 'no';

/** Whether the rest of the caller's day covers it. */
export type BudgetVerdict = {
  fits: Fits;
  tokens_left: number | null;
  cost_usd_left: number | null;
  resets_at: string;
};

export const budgetVerdict = ({ tokens, cost_usd, resets_at }: BudgetView, all: Taken): BudgetVerdict => {
  const needed = sumOf([all.promptTokens, all.completionTokens]);
  return {
    fits: fitsBy(
      (bound) =>
        (tokens === null || needed[bound] <= tokens.left) &&
        // Without a price nothing is generated on a budget of a cost.
        (cost_usd === null || (all.costUsd !== null && all.costUsd[bound] <= cost_usd.left)),
    ),
    tokens_left: tokens?.left ?? null,
    cost_usd_left: cost_usd?.left ?? null,
    resets_at,
  };
};

/** Sentences that say what an estimate of these models rests on. */
export const basisOf = (
  models: readonly string[],
  unpriced: readonly string[],
  earlierOf: EarlierOf,
): string[] => [
  ...models.map((model) => basisOfModel(model, earlierOf(model))),
  `Prompt tokens: from one for ${BYTES_A_TOKEN.low} bytes of the prompt, typically one for ${BYTES_A_TOKEN.typical}, to one for each byte that is sent.`,
  'High values of tokens and cost are what a budget reserves: outputs as long as max_tokens. Repeated attempts and embeddings come on top.',
  ...unpriced.map((model) => `The price of ${model} is not known, so the cost is not either.`),
];

const basisOfModel = (model: string, earlier: EarlierOutputs | undefined): string => {
  const { tokens, ttftMs, tokensPerSecond } = UNKNOWN;
  return earlier
    ? `${model}: the length and speed of ${earlier.outputs} of its outputs, in your last ${EARLIER_RUNS} runs.`
    : `${model}: no output in your last ${EARLIER_RUNS} runs; assumed are ${tokens} tokens to max_tokens, the first after ${ttftMs.low} to ${ttftMs.high} ms, then ${tokensPerSecond.low} to ${tokensPerSecond.high} tokens a second.`;
};
