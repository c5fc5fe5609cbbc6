/**
 * Cosine similarities of all pairs, as m rows of m; 1 on the diagonal, clamped to [-1, 1]. Throws `RangeError` for
 * vectors of different lengths and for a vector without a direction (all zero, or not finite).
 */
export const cosineMatrix = (vectors: Float32Array[]): Float64Array[] => {
  const units = vectors.map(unit);
  const rows = units.map(() => new Float64Array(units.length).fill(1));
  for (const [i, a] of units.entries()) {
    for (const [j, b] of units.slice(0, i).entries()) {
      const cosine = Math.min(1, Math.max(-1, dot(a, b)));
      set(rows, i, j, cosine);
      set(rows, j, i, cosine);
    }
  }
  return rows;
};

/** A vector of length 1 in the same direction, in double precision. Throws `RangeError` where there is none. */
export const unit = (vector: Float32Array): Float64Array => {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && length < Infinity)) throw new RangeError('a vector without a direction has no cosine');
  return Float64Array.from(vector, (value) => value / length);
};

const dot = (a: Float64Array, b: Float64Array): number => {
  if (a.length !== b.length)
    throw new RangeError(`vectors of ${a.length} and ${b.length} dimensions do not compare`);
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
};

const set = (rows: Float64Array[], i: number, j: number, value: number): void => {
  const row = rows[i];
  if (row) row[j] = value;
};
