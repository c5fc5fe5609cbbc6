import type { Timing } from '../runs/generation.ts';
import type { RunView } from '../runs/view.ts';

/** The figures of one choice; as in GET /runs/{id}. */
export type ChoiceFigures = { index: number; timing: Timing | null; cost_usd: number | null };

/**
 * The field `everytoken` of an answer in OpenAI's shape: the run, the timing of its first choice and the cost of all.
 * `generations` has those of each choice, where there are several.
 */
export type RunFigures = {
  run_id: string;
  timing: Timing | null;
  cost_usd: number | null;
  generations?: ChoiceFigures[];
};

/** The figures of an ended run. */
export const figuresOf = ({
  id,
  generations,
  cost_usd,
}: Pick<RunView, 'id' | 'generations' | 'cost_usd'>): RunFigures => ({
  run_id: id,
  timing: generations[0]?.timing ?? null,
  cost_usd,
  ...(generations.length > 1 && {
    generations: generations.map(({ index, timing, cost_usd: cost }) => ({ index, timing, cost_usd: cost })),
  }),
});
