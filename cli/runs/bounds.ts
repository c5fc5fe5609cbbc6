import type { Command, OptionValues } from '@commander-js/extra-typings';
import { dropAbsent } from '../../lib/json/value.ts';
import { oneValue, parseNumber } from '../option-values.ts';

/** Adds the bounds of figures. */
export const withBounds = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .option('--min-ttft <ms>', 'first token after at least this', oneValue(parseNumber))
    .option('--max-ttft <ms>', 'first token after at most this', oneValue(parseNumber))
    .option('--min-tpot <ms>', 'at least this per token', oneValue(parseNumber))
    .option('--max-tpot <ms>', 'at most this per token', oneValue(parseNumber))
    .option('--min-e2e <ms>', 'at least this in total', oneValue(parseNumber))
    .option('--max-e2e <ms>', 'at most this in total', oneValue(parseNumber))
    .option('--min-cost <usd>', 'at least this cost', oneValue(parseNumber))
    .option('--max-cost <usd>', 'at most this cost', oneValue(parseNumber))
    .option('--min-tokens <count>', 'at least so many tokens', oneValue(parseNumber))
    .option('--max-tokens <count>', 'at most so many tokens', oneValue(parseNumber));

export type Bounds = {
  minTtft?: number | undefined;
  maxTtft?: number | undefined;
  minTpot?: number | undefined;
  maxTpot?: number | undefined;
  minE2e?: number | undefined;
  maxE2e?: number | undefined;
  minCost?: number | undefined;
  maxCost?: number | undefined;
  minTokens?: number | undefined;
  maxTokens?: number | undefined;
};

/** The bounds by the names of the API. */
export const boundsOf = (bounds: Bounds) =>
  dropAbsent({
    min_ttft_ms: bounds.minTtft,
    max_ttft_ms: bounds.maxTtft,
    min_tpot_ms: bounds.minTpot,
    max_tpot_ms: bounds.maxTpot,
    min_e2e_ms: bounds.minE2e,
    max_e2e_ms: bounds.maxE2e,
    min_cost_usd: bounds.minCost,
    max_cost_usd: bounds.maxCost,
    min_tokens: bounds.minTokens,
    max_tokens: bounds.maxTokens,
  });
