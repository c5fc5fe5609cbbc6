/** So many vectors of 1,536 dimensions stay in a CPU's cache while the others pass by. */
const ROWS_AT_ONCE = 32;

/**
 * Cosine similarities of all pairs, as m rows of m; 1 on the diagonal, clamped to [-1, 1].
 *
 * @throws {RangeError} when vectors differ in length, or one has no direction (all zero, or not finite)
 */
export const cosineMatrix = (vectors: Float32Array[]): Float64Array[] => {
  const m = vectors.length;
  const dimensions = vectors[0]?.length ?? 0;
  const units = new Float64Array((m + (m % 2)) * dimensions);
  for (const [at, vector] of vectors.entries()) {
    if (vector.length !== dimensions)
      throw new RangeError(`vectors of ${dimensions} and ${vector.length} dimensions cannot be compared`);
    units.set(unit(vector), at * dimensions);
  }
  const rows = vectors.map(() => new Float64Array(m).fill(1));
  for (let from = 0; from < m; from += ROWS_AT_ONCE) {
    for (let i = from; i < m; i += 2) {
      for (let j = from; j <= i && j < from + ROWS_AT_ONCE; j += 2) setFour(rows, units, dimensions, i, j);
    }
  }
  return rows;
};

/** A vector of length 1 in the same direction, in double precision. */
const unit = (vector: Float32Array): Float64Array => {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0 && length < Infinity))
    throw new RangeError('a vector that is all zero or not finite has no cosine');
  return Float64Array.from(vector).map((value) => value / length);
};

/** Sets the cosines of vectors i and i + 1 with j and j + 1. Four at once, since each number read then serves twice. */
const setFour = (
  rows: Float64Array[],
  units: Float64Array,
  dimensions: number,
  i: number,
  j: number,
): void => {
  const atI = i * dimensions;
  const atJ = j * dimensions;
  let ij = 0;
  let iNext = 0;
  let jNext = 0;
  let both = 0;
  for (let at = 0; at < dimensions; at += 1) {
    const a = units[atI + at] ?? 0;
    const b = units[atI + dimensions + at] ?? 0;
    const c = units[atJ + at] ?? 0;
    const d = units[atJ + dimensions + at] ?? 0;
    ij += a * c;
    iNext += b * c;
    jNext += a * d;
    both += b * d;
  }
  set(rows, i, j, ij);
  set(rows, i + 1, j, iNext);
  set(rows, i, j + 1, jNext);
  set(rows, i + 1, j + 1, both);
};

const set = (rows: Float64Array[], i: number, j: number, cosine: number): void => {
  const row = rows[i];
  const column = rows[j];
  if (i === j || !row || !column) return;
  row[j] = Math.min(1, Math.max(-1, cosine));
  column[i] = row[j] ?? 0;
};

const MAX_SWEEPS = 50;

/**
 * Eigenvalues of a symmetric matrix, in no particular order, by cyclic Jacobi rotations (Golub & Van Loan, 8.5).
 * Cubic in the size with a small factor: for up to a few hundred rows. The input is not changed.
 */
export const symmetricEigenvalues = (matrix: Float64Array[]): number[] => {
  const m = matrix.length;
  const a = new Float64Array(m * m);
  for (const [at, row] of matrix.entries()) a.set(row, at * m);
  const smallest = 1e-22 * squares(a, m, true);
  for (let sweep = 0; sweep < MAX_SWEEPS && squares(a, m, false) > smallest; sweep += 1) {
    for (let p = 0; p < m - 1; p += 1) {
      for (let q = p + 1; q < m; q += 1) rotate(a, m, p, q);
    }
  }
  return Array.from({ length: m }, (_, at) => a[at * m + at] ?? 0);
};

/** Sum of the squared elements, with or without the diagonal. */
const squares = (a: Float64Array, m: number, diagonal: boolean): number =>
  a.reduce((sum, value, at) => (diagonal || at % (m + 1) !== 0 ? sum + value * value : sum), 0);

/** Rotates rows and columns p and q so that the element at (p, q) becomes zero. */
const rotate = (a: Float64Array, m: number, p: number, q: number): void => {
  const at = (row: number, column: number): number => a[row * m + column] ?? 0;
  const apq = at(p, q);
  if (apq === 0) return;
  const theta = (at(q, q) - at(p, p)) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < m; k += 1) {
    const kp = at(k, p);
    const kq = at(k, q);
    a[k * m + p] = c * kp - s * kq;
    a[k * m + q] = s * kp + c * kq;
  }
  for (let k = 0; k < m; k += 1) {
    const pk = at(p, k);
    const qk = at(q, k);
    a[p * m + k] = c * pk - s * qk;
    a[q * m + k] = s * pk + c * qk;
  }
};
