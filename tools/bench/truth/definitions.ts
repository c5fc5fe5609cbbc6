import type { Row } from './reported.ts';
import type { Scenario } from './stream-plan.ts';

export const FIGURES = ['ttft', 'tpot', 'gaps'] as const;
export type Figure = (typeof FIGURES)[number];

export const FIGURE_NAMES: Record<Figure, string> = { ttft: 'TTFT', tpot: 'time per token', gaps: 'gaps' };

type Reasons = Partial<Record<Figure, string>>;

const HIDDEN =
  'its output tokens include the hidden reasoning, which took no part in this time (its details would tell them apart)';

const ALWAYS: Partial<Record<Row, Reasons>> = {
  tutorial: {
    ttft: 'knows the total time alone',
    tpot: 'divides the waiting as well, so it says how long the answer was, not how fast',
    gaps: 'gives one time to all tokens',
  },
  'ai sdk, own': {
    tpot: 'counts up to the end of the response and divides by N tokens, not by the N - 1 gaps between them',
  },
};

const THERE: Partial<Record<Scenario, Partial<Record<Row, Reasons>>>> = {
  chunks: { 'plain loop': { tpot: 'takes a chunk for a token' } },
  reasoning: {
    'ai sdk': { tpot: HIDDEN },
    'ai sdk, own': {
      tpot: 'divides by the hidden reasoning too, and counts from the first output to the end of the response',
    },
    langchain: { tpot: HIDDEN },
    tutorial: {
      tpot: 'divides the waiting as well, by all tokens: two mistakes that here nearly cancel out',
    },
  },
};

/**
 * Why a row's figures are wrong by definition in a scenario, however fast it reads; no entry where they are not. What
 * these reasons name is in the clients' own definitions, so no measurement can better it.
 */
export const wrongByDefinition = (row: Row, scenario: Scenario): Reasons => ({
  ...ALWAYS[row],
  ...THERE[scenario]?.[row],
});
