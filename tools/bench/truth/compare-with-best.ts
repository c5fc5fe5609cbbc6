import { type Figure, wrongByDefinition } from './definitions.ts';
import { tailOf } from './error-statistics.ts';
import type { Row } from './reported.ts';
import type { Line } from './results.ts';

export type Statistic = 'median' | 'tail';

/**
 * Two rows' errors in ms, each the mean over its rounds; `spread` is the larger of their ranges over the rounds, or
 * how long the server's writes take where that is longer: nobody can be held to more.
 */
export type Comparison = { own: number; best: number; bestRow: Row; spread: number; isWorse: boolean };

/**
 * everytoken against the best of the others that are not wrong by definition there. Worse is a difference larger than
 * the spread. Undefined where there is nobody to compare to, or a single round, which has no spread.
 */
export const compareWithBest = (
  own: Line,
  lines: readonly Line[],
  figure: Figure,
  which: Statistic,
): Comparison | undefined => {
  const others = lines
    .filter((line) => line.scenario === own.scenario && line.streams === own.streams)
    .filter(({ row }) => !row.startsWith('everytoken'))
    .filter(({ row, scenario }) => wrongByDefinition(row, scenario)[figure] === undefined)
    .flatMap((line) => overRounds(line, figure, which) ?? []);
  const mine = overRounds(own, figure, which);
  const best = others.toSorted((a, b) => a.mean - b.mean)[0];
  if (!mine || !best) return undefined;
  const spread = Math.max(mine.range, best.range, own.writeMs);
  return {
    own: mine.mean,
    best: best.mean,
    bestRow: best.row,
    spread,
    isWorse: mine.mean - best.mean > spread,
  };
};

const overRounds = (
  { row, rounds }: Line,
  figure: Figure,
  which: Statistic,
): { row: Row; mean: number; range: number } | undefined => {
  const values = rounds.flatMap((round) => {
    const statistics = round[figure];
    return (which === 'median' ? statistics.median : tailOf(statistics)) ?? [];
  });
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { row, mean, range: Math.max(...values) - Math.min(...values) };
};
