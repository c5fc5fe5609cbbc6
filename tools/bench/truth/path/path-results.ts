import { percentile } from '../../../../lib/timing/spread.ts';
import { type ErrorStatistics, errorStatistics } from '../results.ts';
import type { Condition } from './conditions.ts';
import { sumOfThrottling, type Throttling } from './cpu-quota.ts';
import type { PathSample } from './measure-path.ts';
import type { PathErrors } from './path-errors.ts';

/** The figures whose errors are told, as `PathErrors` names them. */
export type PathFigure = Exclude<keyof PathErrors, 'textDiffers'>;

/** A sample of a condition, not of the bare client. */
export type Measured = PathSample & { condition: Condition };

/** The bare client's median absolute errors under each load: the time that bytes take on this machine. */
export type Transit = ReadonlyMap<Condition['load'], Record<PathFigure, number>>;

/**
 * How the bounds that the functions gave compare with the errors. `n` is the number of generations with a bound,
 * `missing` of those without; `within` counts those whose errors of first token, last token and end, beyond the bare client's
 * median, are all at most the bound. `flagged` counts those of which some figure is called uncertain.
 */
export type Bounds = { n: number; missing: number; within: number; medianMs: number | null; flagged: number };

/** The results of one condition. `retried` counts generations that needed another attempt. */
export type PathLine = {
  condition: Condition;
  n: number;
  coldStarts: number;
  retried: number;
  differingTexts: number;
  beyond: Record<PathFigure, ErrorStatistics>;
  raw: Record<PathFigure, ErrorStatistics>;
  bounds: Bounds;
  throttling: Throttling;
};

const forEachFigure = <T>(of: (figure: PathFigure) => T): Record<PathFigure, T> => ({
  ttft: of('ttft'),
  first: of('first'),
  tpot: of('tpot'),
  gaps: of('gaps'),
  ttlt: of('ttlt'),
  e2e: of('e2e'),
});

export const isMeasured = (sample: PathSample): sample is Measured => !('bare' in sample.condition);

/** The samples of the bare client under a load. */
export const bareUnder = (samples: readonly PathSample[], load: Condition['load']): PathSample[] =>
  samples.filter(({ condition }) => 'bare' in condition && condition.bare === load);

/** The absolute errors of one figure. */
const errorsOf = (samples: readonly PathSample[], figure: PathFigure): number[] =>
  samples.flatMap(({ errors }) => [errors[figure] ?? []].flat().map(Math.abs));

export const statisticsOf = (samples: readonly PathSample[]): Record<PathFigure, ErrorStatistics> =>
  forEachFigure((figure) => errorStatistics(errorsOf(samples, figure)));

export const transitOf = (samples: readonly PathSample[]): Transit =>
  new Map(
    (['idle', 'busy'] as const).map((load) => {
      const bare = statisticsOf(bareUnder(samples, load));
      return [load, forEachFigure((figure) => bare[figure].median ?? 0)];
    }),
  );

/** Absolute errors, each less the bare client's median under the same load. */
export const errorsBeyond = (samples: readonly Measured[], figure: PathFigure, transit: Transit): number[] =>
  samples.flatMap((sample) => {
    const bare = transit.get(sample.condition.load)?.[figure] ?? 0;
    return errorsOf([sample], figure).map((error) => error - bare);
  });

/** The figures that the bound is held against: those whose marks it covers. */
const BOUNDED: readonly PathFigure[] = ['first', 'ttlt', 'e2e'];

export const boundsOf = (samples: readonly Measured[], transit: Transit): Bounds => {
  const bounds = samples.flatMap(({ uncertaintyMs }) => uncertaintyMs ?? []);
  const within = samples.filter(
    (sample) =>
      sample.uncertaintyMs !== null &&
      BOUNDED.every((figure) =>
        errorsBeyond([sample], figure, transit).every((error) => error <= (sample.uncertaintyMs ?? 0)),
      ),
  );
  return {
    n: bounds.length,
    missing: samples.length - bounds.length,
    within: within.length,
    medianMs: percentile(Float64Array.from(bounds).sort(), 50),
    flagged: samples.filter(({ uncertain }) => uncertain.length > 0).length,
  };
};

/** One line for each of these conditions that has samples, in their order. */
export const pathLines = (
  samples: readonly PathSample[],
  conditions: readonly Condition[],
  transit: Transit,
): PathLine[] => {
  const groups = Map.groupBy(samples.filter(isMeasured), ({ condition }) => JSON.stringify(condition));
  return conditions.flatMap((condition) => {
    const here = groups.get(JSON.stringify(condition));
    if (!here) return [];
    const count = (is: (sample: Measured) => boolean) => here.filter(is).length;
    return {
      condition,
      n: here.length,
      coldStarts: count(({ coldStart }) => coldStart),
      retried: count(({ attempts }) => attempts > 1),
      differingTexts: count(({ errors }) => errors.textDiffers),
      beyond: forEachFigure((figure) => errorStatistics(errorsBeyond(here, figure, transit))),
      raw: statisticsOf(here),
      bounds: boundsOf(here, transit),
      throttling: sumOfThrottling(here.map(({ throttling }) => throttling)),
    };
  });
};
