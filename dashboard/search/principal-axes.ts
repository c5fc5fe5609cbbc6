/** A place on a plane. */
export type Place = { x: number; y: number };

const TURNS = 200;

/**
 * Projects vectors onto their first two principal axes: the directions in which they differ most. Exact where the vectors
 * lie in a plane. The axes come from the matrix of the n x n dot products, since the vectors are few and long.
 */
export const onPrincipalAxes = (vectors: readonly (readonly number[])[]): Place[] => {
  const products = centred(vectors.map((a) => vectors.map((b) => dot(a, b))));
  const first = axisOf(products);
  const rest = products.map((row, i) =>
    row.map((value, j) => value - first.variance * (first.axis[i] ?? 0) * (first.axis[j] ?? 0)),
  );
  const second = axisOf(rest);
  const along = ({ axis, variance }: Axis, at: number) => (axis[at] ?? 0) * Math.sqrt(Math.max(0, variance));
  return vectors.map((_, at) => ({ x: along(first, at), y: along(second, at) }));
};

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The dot products of the same vectors with their mean as the origin. */
const centred = (products: readonly (readonly number[])[]): number[][] => {
  const means = products.map(mean);
  const all = mean(means);
  return products.map((row, i) => row.map((value, j) => value - (means[i] ?? 0) - (means[j] ?? 0) + all));
};

type Axis = { axis: number[]; variance: number };

/** The eigenvector of the largest eigenvalue, by power iteration from a fixed start; its first large part is positive. */
const axisOf = (matrix: readonly (readonly number[])[]): Axis => {
  let axis = unit(matrix.map((_, at) => Math.cos(at + 1)));
  let variance = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const next = matrix.map((row) => dot(row, axis));
    const length = Math.sqrt(dot(next, next));
    if (length < 1e-12) return { axis, variance: 0 };
    axis = unit(next);
    variance = length;
  }
  const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) + 1e-9 ? value : most), 0);
  return { axis: largest < 0 ? axis.map((value) => -value) : axis, variance };
};

const unit = (vector: readonly number[]): number[] => {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
};
