import { percentile } from '../../../lib/timing/spread.ts';

/** `p99` is null below 100 samples; `worst` stands for it then. All but `n` are null without samples. */
export type ErrorStatistics = { n: number; median: number | null; p99: number | null; worst: number | null };

const P99_FROM = 100;

/** Statistics of absolute errors, in any order; percentiles as METRICS has them (see `percentile`). */
export const errorStatistics = (errors: readonly number[]): ErrorStatistics => {
  const sorted = Float64Array.from(errors).sort();
  return {
    n: sorted.length,
    median: percentile(sorted, 50),
    p99: sorted.length < P99_FROM ? null : percentile(sorted, 99),
    worst: sorted.at(-1) ?? null,
  };
};

/** p99, or the worst error where there are too few for a p99. */
export const tailOf = ({ p99, worst }: ErrorStatistics): number | null => p99 ?? worst;
