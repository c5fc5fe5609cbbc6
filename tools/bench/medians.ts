import { percentile } from '../../lib/timing/spread.ts';

/** The median of values in any order; NaN without values. */
export const medianOf = (values: readonly number[]): number =>
  percentile(Float64Array.from(values).sort(), 50) ?? Number.NaN;
