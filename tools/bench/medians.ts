import { percentile } from '../../lib/timing/spread.ts';

/** The p-th percentile (0 to 100) of values in any order, as docs/metrics.md defines it; NaN without values. */
export const percentileOf = (values: readonly number[], p: number): number =>
  percentile(Float64Array.from(values).sort(), p) ?? Number.NaN;

/** The median of values in any order; NaN without values. */
export const medianOf = (values: readonly number[]): number => percentileOf(values, 50);
