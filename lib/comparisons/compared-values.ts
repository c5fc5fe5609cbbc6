import { type GenerationFigures, UNCERTAIN_TIMES } from '../runs/run.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { Absence, Figure } from './view.ts';

/** A figure that each generation has; diversity is one of several outputs. */
type PairedFigure = Exclude<Figure, 'embedding_diversity'>;

const READ: Record<PairedFigure, (figures: GenerationFigures) => number | null> = {
  ttft_ms: ({ ttftMs }) => ttftMs,
  tpot_ms: ({ tpotMs }) => tpotMs,
  e2e_ms: ({ e2eMs }) => e2eMs,
  cost_usd: ({ costUsd }) => costUsd,
  completion_tokens: ({ completionTokens }) => completionTokens,
  pass_rate: ({ passed }) => (passed === null ? null : Number(passed)),
};
const PAIRED_FIGURES = Object.keys(READ) as PairedFigure[];

/** A number, or why there is none. */
export type Value = number | Absence;

/** One figure of every block and setting: `rows[block][setting]`. */
export type ComparedValues = { figure: PairedFigure; rows: Value[][] };

/**
 * The figures that a generation could have: times always, pass rates if there are checks, and each that at least one
 * generation has. `settings` are those to compare, by their place in the blocks.
 */
export const comparedValues = (
  blocks: MeasuredBlock[],
  settings: readonly number[],
  hasChecks = false,
): ComparedValues[] =>
  PAIRED_FIGURES.map((figure) => ({
    figure,
    rows: blocks.map((block) => {
      // An uncertain time leaves the whole block out: which of its settings was disturbed must not matter.
      const isUncertain = settings.some((at) => block.cells[at]?.uncertain.some((time) => time === figure));
      return settings.map((setting) => valueIn(figure, block, setting, isUncertain));
    }),
  })).filter(
    ({ figure, rows }) =>
      isTime(figure) ||
      (figure === 'pass_rate' && hasChecks) ||
      rows.some((row) => row.some((value) => typeof value === 'number')),
  );

const isTime = (figure: Figure): boolean => UNCERTAIN_TIMES.some((time) => time === figure);

const valueIn = (
  figure: PairedFigure,
  { cells, failed }: MeasuredBlock,
  setting: number,
  isUncertain: boolean,
): Value => {
  const figures = cells[setting];
  if (!figures) return failed[setting] ? 'failed' : 'unknown';
  if (isTime(figure) && figures.coldStart === true) return 'cold';
  return isUncertain ? 'uncertain' : (READ[figure](figures) ?? 'unknown');
};
