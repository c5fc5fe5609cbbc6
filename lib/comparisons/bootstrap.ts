import { t975, Z } from '../diversity/student-t.ts';
import { percentile } from '../timing/spread.ts';
import { seededRandom } from './seeded-random.ts';

const RESAMPLES = 2_000;
/** Below this, an interval says nothing. */
const MIN_VALUES = 3;

/** The 95% interval of the mean of values; null for fewer than three values. */
export type IntervalOfMean = (values: readonly number[]) => [number, number] | null;

/**
 * Makes a function for bootstrap intervals: the 2.5th and 97.5th percentile of the means of 2,000 resamples of the
 * values, drawn with replacement. Resamples of few values vary too little, so both distances from the mean are
 * stretched by t(n - 1) / 1.96 x sqrt(n / (n - 1)). For symmetric values this is about Student's interval; for skewed
 * ones the skew stays. The same seed and number of values draw the same resamples.
 */
export const makeBootstrap = (seed: string): IntervalOfMean => {
  const drawn = new Map<number, Uint32Array>();
  const draws = (n: number): Uint32Array => {
    const known = drawn.get(n) ?? seededRandom(`${seed} bootstrap ${n}`).below(n, n * RESAMPLES);
    drawn.set(n, known);
    return known;
  };
  return (values) => {
    const n = values.length;
    if (n < MIN_VALUES) return null;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const means = resampledMeans(
      Float64Array.from(values, (value) => value - mean),
      draws(n),
    ).sort();
    const stretch = (t975(n - 1) / Z) * Math.sqrt(n / (n - 1));
    return [mean + stretch * (percentile(means, 2.5) ?? 0), mean + stretch * (percentile(means, 97.5) ?? 0)];
  };
};

const resampledMeans = (values: Float64Array, draws: Uint32Array): Float64Array => {
  const n = values.length;
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    let sum = 0;
    for (let at = resample * n; at < (resample + 1) * n; at += 1) sum += values[draws[at] ?? 0] ?? 0;
    means[resample] = sum / n;
  }
  return means;
};
