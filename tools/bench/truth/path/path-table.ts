import { percentile } from '../../../../lib/timing/spread.ts';
import { type ErrorStatistics, errorStatistics, tailOf } from '../results.ts';
import { nameOf } from './conditions.ts';
import type { PathSample } from './measure-path.ts';

/** The figures whose errors are told. */
const PATH_FIGURES = ['ttft', 'tpot', 'gaps', 'ttlt', 'e2e'] as const;
type PathFigure = (typeof PATH_FIGURES)[number];

const HEADINGS: Record<PathFigure, string> = {
  ttft: 'TTFT',
  tpot: 'time per token',
  gaps: 'gaps',
  ttlt: 'last token',
  e2e: 'whole answer',
};

/** The absolute errors of one figure. */
const pathErrorsIn = (samples: readonly PathSample[], figure: PathFigure): number[] =>
  samples.flatMap(({ errors }) => [errors[figure] ?? []].flat().map(Math.abs));

/** The bare client's median absolute error of each figure: the time that bytes take on this machine. */
export type Transit = Record<PathFigure, number>;

export const transitOf = (bare: readonly PathSample[]): Transit => {
  const median = (figure: PathFigure) =>
    percentile(Float64Array.from(pathErrorsIn(bare, figure)).sort(), 50) ?? 0;
  return {
    ttft: median('ttft'),
    tpot: median('tpot'),
    gaps: median('gaps'),
    ttlt: median('ttlt'),
    e2e: median('e2e'),
  };
};

/** Statistics of a condition's absolute errors, each less the bare client's median. */
const beyondTransit = (
  samples: readonly PathSample[],
  figure: PathFigure,
  transit: Transit,
): ErrorStatistics => errorStatistics(pathErrorsIn(samples, figure).map((error) => error - transit[figure]));

const NAME_WIDTH = 32;
const WIDTH = 10;

/** The table of all conditions, as lines of text. */
export const pathTable = (samples: readonly PathSample[], transit: Transit): string[] => {
  const groups = Map.groupBy(samples, ({ condition }) => (condition === 'bare' ? '' : nameOf(condition)));
  groups.delete('');
  return [
    `${''.padEnd(NAME_WIDTH)}${PATH_FIGURES.map((figure) => HEADINGS[figure].padStart(2 * WIDTH)).join('')}`,
    `${''.padEnd(NAME_WIDTH)}${PATH_FIGURES.map(() => 'median'.padStart(WIDTH) + 'p99'.padStart(WIDTH)).join('')}       n`,
    ...[...groups]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, group]) => {
        const cells = PATH_FIGURES.map((figure) => cellsOf(beyondTransit(group, figure, transit)));
        return `${name.padEnd(NAME_WIDTH)}${cells.join('')}${String(group.length).padStart(8)}`;
      }),
  ];
};

const cellsOf = (statistics: ErrorStatistics): string => {
  const tail = tailOf(statistics);
  const star = statistics.p99 === null ? '*' : ' ';
  return `${(statistics.median?.toFixed(3) ?? '–').padStart(WIDTH)}${(tail === null ? '– ' : `${tail.toFixed(3)}${star}`).padStart(WIDTH)}`;
};
