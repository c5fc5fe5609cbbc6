import type { UsageReport } from '../../../client/index.ts';
import { dollars, UNKNOWN } from '../../../report/figures.ts';

/** The figures of a group, or of all. */
export type Sums = UsageReport['total'];

export type UsageFigure = {
  name: keyof Sums | 'tokens';
  title: string;
  unit?: string;
  definition: string;
  of: (sums: Sums) => number | null;
  format: (value: number) => string;
};

const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

const figure = (
  name: keyof Sums,
  title: string,
  definition: string,
  more: Partial<UsageFigure> = {},
): UsageFigure => ({ name, title, definition, of: (sums) => sums[name], format: whole, ...more });

const REQUESTS = figure(
  'requests',
  'Requests',
  'Runs that were created in this time. Deleted ones stay counted.',
);
const FAILED = figure('failed_requests', 'Failed requests', 'Runs that failed.');
const COST = figure(
  'cost_usd',
  'Cost',
  'Sum of the known costs, each at the dated price of the model that answered. An unknown price is unknown, never 0: such outputs are counted as unpriced.',
  { format: dollars },
);
const TTFT = figure(
  'mean_ttft_ms',
  'First token',
  'Mean time to first token over completed outputs, cold starts included: from the dispatch of the request to the first non-empty payload of the answer.',
  { unit: 'ms' },
);

/** The columns of the table. */
export const COLUMNS: readonly UsageFigure[] = [
  REQUESTS,
  FAILED,
  figure('generations', 'Outputs', 'Outputs that ended, failed ones included. A run has one or more.'),
  figure('failed', 'Failed outputs', 'Outputs that failed.'),
  figure('prompt_tokens', 'Prompt tokens', "Tokens of the prompts by the servers' count."),
  figure(
    'completion_tokens',
    'Completion tokens',
    "Tokens of the outputs by the servers' count, reasoning included.",
  ),
  figure(
    'reasoning_tokens',
    'Reasoning tokens',
    'Part of the completion tokens; a dash where no server told them.',
  ),
  COST,
  figure(
    'unpriced',
    'Unpriced',
    'Completed outputs whose cost is not known: their model has no price, or the server told no tokens.',
  ),
  TTFT,
];

/** All that are charted over time, the first by default. */
export const CHARTED: readonly UsageFigure[] = [
  {
    name: 'tokens',
    title: 'Tokens',
    definition: 'Prompt and completion tokens.',
    of: ({ prompt_tokens, completion_tokens }) => prompt_tokens + completion_tokens,
    format: whole,
  },
  COST,
  REQUESTS,
  FAILED,
  TTFT,
];

/** Means have no sum, and so are drawn as lines. */
export const isMean = ({ name }: UsageFigure): boolean => name === 'mean_ttft_ms';

const MOST_DIGITS = 6;

/** Formats a column: dollars with as many digits as the smallest of them needs, so that their points are aligned. */
export const columnFormat = ({ name, format }: UsageFigure, values: readonly (number | null)[]) => {
  const known = values.filter((value) => value !== null && value > 0);
  const least = known.reduce((a: number, b) => Math.min(a, b ?? a), Number.POSITIVE_INFINITY);
  const digits = least < 1 ? Math.min(MOST_DIGITS, Math.max(2, 1 - Math.floor(Math.log10(least)))) : 2;
  return (value: number | null): string => {
    if (value === null) return UNKNOWN;
    return name === 'cost_usd'
      ? `$${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
      : format(value);
  };
};
