export const METRICS = ['cosine', 'dotproduct', 'euclidean'] as const;
export type Metric = (typeof METRICS)[number];

export const isMetric = (value: unknown): value is Metric => METRICS.some((metric) => metric === value);

/** A vector with its Euclidean length, so that a cosine costs one dot product. */
export type Measured = { values: Float32Array; norm: number };

/** The dot product of vectors of one size, in four independent sums: with a single one each addition would wait for the one before. */
export const dot = (a: Float32Array, b: Float32Array): number => {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (let i = whole; i < a.length; i++) s0 += (a[i] as number) * (b[i] as number);
  return s0 + s1 + s2 + s3;
};

const squaredDistance = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return sum;
};

export const measured = (values: Float32Array): Measured => ({
  values,
  norm: Math.sqrt(dot(values, values)),
});

/** The score of each record for one query. */
export type Score = (record: Measured) => number;
type Product = (values: Float32Array) => number;

/** a·b / (|a| |b|), clamped to ±1 against rounding; 0 when either vector is zero. */
const cosine =
  (query: Measured, product: Product): Score =>
  ({ values, norm }) => {
    const lengths = query.norm * norm;
    return lengths === 0 ? 0 : Math.max(-1, Math.min(1, product(values) / lengths));
  };

/**
 * Pinecone's scores by metric, with `product` for the dot products with the query. For `euclidean` it is the squared
 * distance, where less is nearer.
 */
export const SCORE: Record<Metric, (query: Measured, product: Product) => Score> = {
  cosine,
  dotproduct: (_, product) => (record) => product(record.values),
  euclidean: (query) => (record) => squaredDistance(query.values, record.values),
};
