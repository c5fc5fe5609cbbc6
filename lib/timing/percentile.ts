/**
 * The p-th percentile (0 to 100) of samples sorted upwards, by linear interpolation between closest ranks:
 * rank = p / 100 * (n - 1), and between the samples on either side of it in proportion. `null` without samples.
 */
export const percentile = (sorted: ArrayLike<number>, p: number): number | null => {
  const rank = (p / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (rank - Math.floor(rank));
};
