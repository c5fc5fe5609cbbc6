import { rounded } from '../../json/value.ts';
import type { Spread } from '../../runs/generation.ts';
import { spreadOf } from '../../timing/spread.ts';

/** A sketch's checkpoint, as plain JSON. `samples` holds up to 10,000 samples; beyond that `buckets` count them all. */
export type SpreadState = {
  n: number;
  mean: number;
  /** Sum of squared differences from the mean. */
  m2: number;
  min: number;
  max: number;
  samples: number[];
  buckets: [index: number, count: number][];
};

/** Percentiles are exact up to this many samples. */
const EXACT = 10_000;
/** The width of a bucket, in logarithms: its bounds differ by 1 %, so a percentile is within 0.5 % of a sample. */
const STEP = Math.log(1.01);

const NONE = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };

/**
 * Makes a sketch of the spread of any number of samples (finite, not negative) in constant memory: n, mean, std, min
 * and max are exact; percentiles are exact up to 10,000 samples, above that within 0.5 %.
 *
 * @example
 * const sketch = makeSpreadSketch();
 * for (const ms of latencies) sketch.add(ms);
 * const { p50, p99 } = sketch.spread();
 */
export const makeSpreadSketch = (from?: SpreadState) => {
  const state: SpreadState = from
    ? { ...from, samples: [...from.samples], ...(from.n === 0 && NONE) }
    : { n: 0, mean: 0, m2: 0, ...NONE, samples: [], buckets: [] };
  const buckets = new Map(state.buckets);

  const count = (sample: number) => {
    // 0 has no logarithm: it goes into a bucket below all others.
    const index = sample > 0 ? Math.ceil(Math.log(sample) / STEP) : Number.MIN_SAFE_INTEGER;
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
  };

  return {
    add: (sample: number): void => {
      state.n += 1;
      const before = sample - state.mean;
      state.mean += before / state.n;
      state.m2 += before * (sample - state.mean);
      state.min = Math.min(state.min, sample);
      state.max = Math.max(state.max, sample);
      if (state.n <= EXACT) {
        state.samples.push(sample);
        return;
      }
      for (const early of state.samples) count(early);
      state.samples = [];
      count(sample);
    },
    spread: (): Spread => {
      if (state.n <= EXACT) return spreadOf(state.samples);
      const percentile = percentilesOf(
        state,
        [...buckets].sort(([a], [b]) => a - b),
      );
      return {
        n: state.n,
        mean: rounded(state.mean),
        std: rounded(Math.sqrt(state.m2 / (state.n - 1))),
        min: rounded(state.min),
        p50: percentile(50),
        p90: percentile(90),
        p95: percentile(95),
        p99: percentile(99),
        max: rounded(state.max),
      };
    },
    state: (): SpreadState => ({
      ...state,
      // JSON has no infinities, which min and max are while there is no sample.
      min: state.n === 0 ? 0 : state.min,
      max: state.n === 0 ? 0 : state.max,
      buckets: [...buckets],
    }),
  };
};

const percentilesOf =
  ({ n, min, max }: SpreadState, sorted: [index: number, count: number][]) =>
  (p: number): number => {
    const rank = (p / 100) * (n - 1);
    let below = 0;
    for (const [index, count] of sorted) {
      below += count;
      if (rank < below) return rounded(Math.min(max, Math.max(min, Math.exp((index - 0.5) * STEP))));
    }
    return max;
  };
