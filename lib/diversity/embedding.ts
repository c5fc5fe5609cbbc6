import type { EmbeddingDiversity } from './figures.ts';
import { cosineMatrix, symmetricEigenvalues } from './matrix.ts';
import { t975 } from './student-t.ts';

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

/**
 * Diversity of outputs by their vectors, one an output.
 * - `embedding_diversity`: 1 - mean cosine similarity over pairs i < j; 0 = all the same direction.
 * - `interval`: its 95% interval, see `jackknifeInterval`; null below three.
 * - `vendi`: exp(-sum(l ln l)) over the eigenvalues l of the cosine matrix / m; 1 to m, the number of "different" outputs.
 * All null below two vectors. Throws `RangeError` as `cosineMatrix` does.
 */
export const embeddingDiversityOf = (vectors: Float32Array[]): EmbeddingDiversity => {
  const n = vectors.length;
  if (n < 2) return { n, embedding_diversity: null, interval: null, vendi: null };
  const cosines = cosineMatrix(vectors);
  // Row sums without the diagonal: each output's similarity to all the others.
  const toOthers = cosines.map((row) => row.reduce((sum, cosine) => sum + cosine, 0) - 1);
  const estimate = Math.max(0, 1 - sum(toOthers) / (n * (n - 1)));
  return {
    n,
    embedding_diversity: estimate,
    interval: jackknifeInterval(estimate, toOthers),
    vendi: vendi(cosines),
  };
};

/**
 * The 95% interval of a mean over pairs, from each text's sum over its pairs: estimate ± t(n - 1) x standard error,
 * the lower end not below 0. The standard error is the jackknife's: leave out one text with all its pairs, n times.
 *
 * The pairs are not independent (each text stands in n - 1 of them), so a bootstrap over pairs is too narrow, and
 * one over texts pairs a text with its own copy and pulls diversity down. Leaving texts out does neither.
 */
const jackknifeInterval = (estimate: number, toOthers: number[]): [number, number] | null => {
  const n = toOthers.length;
  if (n < 3) return null;
  const total = sum(toOthers);
  const without = toOthers.map((own) => 1 - (total - 2 * own) / ((n - 1) * (n - 2)));
  const mean = sum(without) / n;
  const variance = ((n - 1) / n) * sum(without.map((value) => (value - mean) ** 2));
  const half = t975(n - 1) * Math.sqrt(variance);
  return [Math.max(0, estimate - half), estimate + half];
};

const vendi = (cosines: Float64Array[]): number => {
  const m = cosines.length;
  const shares = symmetricEigenvalues(cosines).map((value) => value / m);
  // Rounding leaves tiny negative eigenvalues where outputs repeat; they stand for zero.
  const entropy = -sum(shares.map((share) => (share > 0 ? share * Math.log(share) : 0)));
  return Math.min(m, Math.max(1, Math.exp(entropy)));
};

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
