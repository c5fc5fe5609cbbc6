/** The density of values at a value, as a share of the highest: 0 to 1. */
export type DensityPoint = { value: number; share: number };

const PARTS = 160;
const SILVERMAN = 0.9;
const NORMAL_IQR = 1.34;
/** A normal kernel is next to nothing beyond three bandwidths. */
const REACH = 3;

/**
 * A Gaussian kernel estimate between the least and the greatest value, with Silverman's bandwidth
 * 0.9 n^(-1/5) times the lower of the standard deviation and the interquartile range / 1.34, on the logarithms of the values for a logarithmic scale. It is drawn, never reported.
 */
export const densityOf = (values: readonly number[], isLogarithmic: boolean): DensityPoint[] => {
  const sorted = values.map((value) => (isLogarithmic ? Math.log(value) : value)).toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return [];
  if (least === most) return [{ value: isLogarithmic ? Math.exp(least) : least, share: 1 }];
  const part = (most - least) / PARTS;
  const counts = Array.from({ length: PARTS + 1 }, () => 0);
  for (const value of sorted) {
    const at = Math.round((value - least) / part);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const bandwidth = Math.max(part, bandwidthOf(sorted));
  const reach = Math.ceil((REACH * bandwidth) / part);
  const kernel = Array.from({ length: reach + 1 }, (_, at) =>
    Math.exp(-(((at * part) / bandwidth) ** 2) / 2),
  );
  const heights = counts.map((_, at) => {
    let sum = 0;
    for (let other = Math.max(0, at - reach); other <= Math.min(PARTS, at + reach); other += 1)
      sum += (counts[other] ?? 0) * (kernel[Math.abs(at - other)] ?? 0);
    return sum;
  });
  const highest = Math.max(...heights);
  return heights.map((height, at) => {
    const value = least + at * part;
    return { value: isLogarithmic ? Math.exp(value) : value, share: height / highest };
  });
};

const bandwidthOf = (sorted: readonly number[]): number => {
  const n = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
  const at = (share: number) => sorted[Math.round(share * (n - 1))] ?? 0;
  const iqr = (at(0.75) - at(0.25)) / NORMAL_IQR;
  const spread = iqr > 0 ? Math.min(Math.sqrt(variance), iqr) : Math.sqrt(variance);
  return SILVERMAN * spread * n ** -0.2;
};
