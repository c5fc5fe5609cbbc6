import type { Row } from './reported.ts';
import type { Scenario } from './stream-plan.ts';

export const FIGURES = ['ttft', 'tpot', 'gaps'] as const;
export type Figure = (typeof FIGURES)[number];

export const FIGURE_NAMES: Record<Figure, string> = { ttft: 'TTFT', tpot: 'time per token', gaps: 'gaps' };

type Reasons = Partial<Record<Figure, string>>;

const HIDDEN =
  'its output tokens include the hidden reasoning, which is not part of this time (the usage details would separate them)';

const LINES_AS_TOKENS =
  'contains the wait for the first token, and counts each line of the stream as a token';
const FAILS_AT_COMMENT = 'no figure: a comment line, which it takes for data, fails the request';
const ROLE_IS_FIRST = 'ends at the first event, which has the role and no text';
const EMPTY_IS_TOKEN = 'takes events without text for tokens: role, finish and empty ones';

const IN_EVERY_SCENARIO: Partial<Record<Row, Reasons>> = {
  tutorial: {
    ttft: 'knows only the total time',
    tpot: 'divides the wait for the first token too, so it depends on the length of the answer',
    gaps: 'gives one time to all tokens',
  },
  'ai sdk, own': {
    tpot: 'counts up to the end of the response and divides by N tokens, not by the N - 1 gaps between them',
  },
  guidellm: { tpot: 'contains the wait for the first token' },
  llmperf: { tpot: LINES_AS_TOKENS },
};

const BY_SCENARIO: Partial<Record<Scenario, Partial<Record<Row, Reasons>>>> = {
  chunks: { 'plain loop': { tpot: 'takes a chunk for a token' } },
  split: { vllm: { ttft: ROLE_IS_FIRST, tpot: EMPTY_IS_TOKEN, gaps: EMPTY_IS_TOKEN } },
  'slow-tail': { vllm: { tpot: EMPTY_IS_TOKEN, gaps: EMPTY_IS_TOKEN } },
  noise: {
    vllm: { ttft: ROLE_IS_FIRST, tpot: EMPTY_IS_TOKEN, gaps: EMPTY_IS_TOKEN },
    llmperf: { ttft: FAILS_AT_COMMENT, tpot: FAILS_AT_COMMENT },
  },
  reasoning: {
    'ai sdk': { tpot: HIDDEN },
    'ai sdk, own': {
      tpot: 'divides by the hidden reasoning too, and counts from the first output to the end of the response',
    },
    langchain: { tpot: HIDDEN },
    vllm: { tpot: HIDDEN },
    guidellm: { tpot: 'contains the wait for the first token, and divides by the hidden reasoning too' },
    tutorial: {
      tpot: 'divides the wait for the first token too, by all tokens: two mistakes that nearly cancel out here',
    },
  },
};

/**
 * Why a row's figures are wrong by definition in a scenario, however fast the client reads; no entry where they are
 * not. The reasons lie in the clients' own definitions, so a better measurement would not help.
 */
export const wrongByDefinition = (row: Row, scenario: Scenario): Reasons => ({
  ...IN_EVERY_SCENARIO[row],
  ...BY_SCENARIO[scenario]?.[row],
});
