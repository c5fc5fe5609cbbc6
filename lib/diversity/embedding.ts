import type { EmbeddingDiversity } from './figures.ts';
import { cosineMatrix, symmetricEigenvalues } from './matrix.ts';
import { t975 } from './student-t.ts';

/**
 * The mean of an output's chunk vectors, scaled to length 1: one vector for the whole text. All chunks have the same
 * weight. `undefined` without vectors, or when they cancel each other out.
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
 * Computes the diversity of outputs from one vector per output.
 * - `embedding_diversity`: 1 - mean cosine similarity over pairs i < j; 0 = all the same direction.
 * - `interval`: its 95% interval, see `jackknifeInterval`; null below three vectors.
 * - `vendi`: exp(-sum(l ln l)) over the eigenvalues l of the cosine matrix / m, the effective number of different
 *   outputs, from 1 to m (https://arxiv.org/abs/2210.02410).
 * All null below two vectors.
 *
 * @throws {RangeError} when vectors differ in length, or one has no direction
 *
 * @example
 * embeddingDiversityOf([east, north]) // orthogonal: embedding_diversity 1, interval null, vendi 2
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
 * the lower bound clamped at 0. The standard error is the jackknife's: leave out one text with all its pairs, n times.
 *
 * Pairs are not independent (each text is part of n - 1 of them), so a bootstrap over pairs gives too narrow an
 * interval. A bootstrap over texts pairs a text with its own copy and biases diversity down. The jackknife has
 * neither problem.
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
  // Rounding leaves tiny negative eigenvalues when outputs repeat; they count as zero.
  const entropy = -sum(shares.map((share) => (share > 0 ? share * Math.log(share) : 0)));
  return Math.min(m, Math.max(1, Math.exp(entropy)));
};

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
