import { compareSettings } from '../../../lib/comparisons/differences.ts';
import { FIGURES, type Figure } from '../../../lib/comparisons/view.ts';
import { drawComparison, type Size } from './draw-comparison.ts';
import type { Scenario } from './scenarios.ts';

/**
 * A test by 199 permutations is as exact as one by 1,999 (9 of 200 are 4.5% too), and a tenth of the work. It finds
 * slightly less.
 */
const PERMUTATIONS = 199;

export type Chunk = { scenario: Scenario; size: Size; seed: string; comparisons: number };

/** How many comparisons told anything as clear, and how many told each figure. */
export type Told = { comparisons: number; any: number; figures: Record<Figure, number> };

export const nothingTold = (): Told => ({
  comparisons: 0,
  any: 0,
  figures: {
    ttft_ms: 0,
    tpot_ms: 0,
    e2e_ms: 0,
    cost_usd: 0,
    completion_tokens: 0,
    pass_rate: 0,
    embedding_diversity: 0,
  },
});

/** Draws comparisons and counts what the code of the API tells of them. The seed decides the result. */
export const simulate = ({ scenario, size, seed, comparisons }: Chunk): Told => {
  const told = nothingTold();
  const last = `setting ${size.settings}`;
  for (let at = 0; at < comparisons; at += 1) {
    const drawn = drawComparison(scenario, size, `${seed} ${at}`);
    const { tested } = compareSettings({ ...drawn, permutations: PERMUTATIONS });
    const clear = tested.flatMap(({ difference }) =>
      difference.clear && (scenario.judged === 'all' || difference.b !== last) ? [difference.figure] : [],
    );
    told.comparisons += 1;
    if (clear.length > 0) told.any += 1;
    for (const figure of FIGURES) if (clear.includes(figure)) told.figures[figure] += 1;
  }
  return told;
};
