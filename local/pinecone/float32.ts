/** Six digits name at most one float32, nine name every one. */
const UNIQUE_DIGITS = 6;
const ALL_DIGITS = 9;
const SMALLEST_NORMAL = 2 ** -126;
/** Powers of ten by which a float32 below 1 is multiplied without rounding. */
const SCALES = [1e6, 1e7, 1e8, 1e9, 1e10];

/**
 * The number with the fewest decimal digits that is this float32 when read back, as Pinecone writes floats: 0.1, not
 * 0.10000000149011612.
 */
export const shortestDecimal = (value: number): number => {
  if (Math.abs(value) < 1) {
    // Most numbers of an embedding end here, three times as fast as by their digits.
    for (const scale of SCALES) {
      const decimal = Math.round(value * scale) / scale;
      if (Math.fround(decimal) === value) return decimal;
    }
  }
  // Below the normal range a float32 has fewer bits, so fewer digits can do.
  for (let digits = Math.abs(value) < SMALLEST_NORMAL ? 1 : UNIQUE_DIGITS; digits < ALL_DIGITS; digits += 1) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return Number(value.toPrecision(ALL_DIGITS));
};
