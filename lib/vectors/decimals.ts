/**
 * A vector's values as numbers that serialise to JSON in at most nine significant digits and read back as the same
 * float32. As doubles they would take up to seventeen digits, and nearly twice the bytes.
 */
export const toDecimals = (values: Float32Array): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(9)));
