import type { Comparison, Difference } from '../client/api-types.ts';
import { counted, dollars } from './figures.ts';

/* The words of reports and pages, beyond the API's own sentences. */

export const probabilityText = (p: number): string => (p < 0.001 ? '<\u00a00.001' : p.toFixed(3));

/** `4 cold, 2 uncertain`: the pairs that a difference leaves out; empty for none. */
export const leftOutText = ({ left_out, left_out_by }: Difference): string => {
  if (left_out === 0) return '';
  return Object.entries(left_out_by)
    .filter(([, n]) => n > 0)
    .map(([reason, n]) => `${n} ${reason}`)
    .join(', ');
};

const OBJECTIVES = [
  ['max_ttft_ms', 'first token within'],
  ['max_tpot_ms', 'time per token within'],
  ['max_e2e_ms', 'total time within'],
] as const;

/** `first token within 400 ms`, for each objective that was stated. */
export const statedObjectives = ({ objectives }: Pick<Comparison, 'objectives'>): string[] =>
  OBJECTIVES.flatMap(([key, text]) => {
    const limit = objectives?.[key];
    return limit === undefined ? [] : [`${text} ${limit} ms`];
  });

/** The sum of the API's totals, as far as prices are known. */
export const totalCostText = ({ settings }: Pick<Comparison, 'settings'>): string => {
  const unpriced = settings.reduce((sum, { cost_usd }) => sum + cost_usd.unpriced, 0);
  const totals = settings.flatMap(({ cost_usd }) => (cost_usd.total === null ? [] : [cost_usd.total]));
  if (totals.length === 0) return 'No price is known, so the cost is not known.';
  const total = totals.reduce((sum, each) => sum + each, 0);
  return `All settings together: ${dollars(total)}${unpriced === 0 ? '.' : `, without ${counted(unpriced, 'answer')} of unknown price.`}`;
};

/** The reason why there are no differences. */
export const noDifferencesText = ({ settings }: Pick<Comparison, 'settings'>): string =>
  `No difference is told: ${settings.length < 2 ? 'there is one setting alone' : 'not every block is done'}.`;

/** The summary of the verdict, or why there is none. */
export const summaryText = ({ verdict, error, progress, status }: Comparison): string => {
  if (verdict !== null) return verdict.summary;
  return error === null
    ? `There is no verdict yet: ${progress.done} of ${counted(progress.blocks, 'block')} are done, and the status is ${status}.`
    : `There is no verdict: ${error.message}`;
};

/** The differences between two settings that so many blocks find, by the simulations in docs/comparisons.md ("How often it is right"). */
export const findableText = (blocks: number): string => {
  if (blocks < 6) return 'nothing: six blocks are needed, and twenty or more are better';
  if (blocks < 20) return 'large differences: a doubled total time in 6 of 10 comparisons of 8 blocks';
  if (blocks < 60)
    return 'a doubled total time nearly always, one longer by half in 9 of 10 comparisons of 20 blocks';
  return 'a total time longer by half nearly always, one longer by a fifth in 7 of 10 comparisons of 60 blocks';
};
