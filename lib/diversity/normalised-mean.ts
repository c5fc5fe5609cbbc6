/**
 * The mean of an output's chunk vectors, scaled to length 1: the one vector that stands for the whole text.
 * Chunks count alike. `undefined` without vectors, or when they cancel each other out.
 */
export const normalisedMean = (vectors: Float32Array[]): Float32Array | undefined => {
  const [first] = vectors;
  if (!first) return undefined;
  const sum = Float64Array.from(first, (_, at) =>
    vectors.reduce((total, vector) => total + (vector[at] ?? 0), 0),
  );
  const length = Math.hypot(...sum);
  return length > 0 ? Float32Array.from(sum, (value) => value / length) : undefined;
};
