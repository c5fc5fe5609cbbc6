import { contextLength, type Ngram } from './ngram.ts';

/**
 * How much of the probability goes down to the next shorter context: Witten-Bell's T / (N + T), with T multiplied by
 * a factor for contexts of one to four tokens; 1 is Witten-Bell itself. Chosen by reading and measuring: a step down
 * to single words breaks a sentence, so contexts of one and two tokens give away little. A factor above 1 is meant for
 * contexts that were seen once, which in so small a prose are most of the long ones and would only recite it; it fades
 * to 1 as N grows.
 */
export type Backoff = readonly [one: number, two: number, three: number, four: number];
export const defaultBackoff: Backoff = [0.003, 0.1, 5, 10];

const flattened = (factor: number, seen: number): number =>
  factor <= 1 ? factor : 1 + (factor - 1) / Math.max(1, seen);

/** Fills `out` with the probability of each dense token and of the end, given the tokens so far; it sums to 1. */
export type Predict = (context: readonly number[], out: Float64Array) => void;

/** First place in [from, to) of a sorted column that is not below `value`. */
const lowerBound = (column: Int32Array, value: number, from: number, to: number): number => {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The places whose last one, two, … tokens are those of the context: nested ranges, while there are any. */
const rangesOf = ({ columns, next }: Ngram, context: readonly number[]): [number, number][] => {
  const ranges: [number, number][] = [];
  let from = 0;
  let to = next.length;
  for (let back = 0; back < Math.min(contextLength, context.length); back++) {
    const column = columns[back];
    const token = context[context.length - 1 - back];
    if (column === undefined || token === undefined) break;
    from = lowerBound(column, token, from, to);
    to = lowerBound(column, token + 1, from, to);
    if (from === to) break;
    ranges.push([from, to]);
  }
  return ranges;
};

/**
 * An interpolated n-gram (Witten-Bell) in which a place of the prose counts as much as its topic weighs.
 * `weights`: one for each topic, each above zero, the greatest 1, so that a place on the subject counts as one place.
 * A text ends only where some paragraph ended: the pool of single tokens does not hold the end.
 */
export const makePredict = (
  model: Ngram,
  weights: Float64Array,
  backoff: Backoff = defaultBackoff,
): Predict => {
  const { next, topic, share, size, end } = model;
  const countAt = (place: number): number => (share[place] ?? 0) * (weights[topic[place] ?? 0] ?? 0);
  const pool = new Float64Array(size);
  for (let place = 0; place < next.length; place++) {
    const token = next[place] ?? 0;
    if (token !== end) pool[token] = (pool[token] ?? 0) + countAt(place);
  }
  const total = pool.reduce((sum, count) => sum + count, 0);
  for (let token = 0; token < size; token++) pool[token] = (pool[token] ?? 0) / total;

  const seen = new Float64Array(size);
  /** N and T of Witten-Bell: the weighted count of a range, and of the different tokens in it (each at most one). */
  const sizesOf = (from: number, to: number): [number, number] => {
    let sum = 0;
    for (let place = from; place < to; place++) {
      const token = next[place] ?? 0;
      const count = countAt(place);
      sum += count;
      seen[token] = (seen[token] ?? 0) + count;
    }
    let types = 0;
    for (let place = from; place < to; place++) {
      const token = next[place] ?? 0;
      types += Math.min(1, seen[token] ?? 0);
      seen[token] = 0;
    }
    return [sum, types];
  };

  return (context, out) => {
    const ranges = rangesOf(model, context);
    const factors: number[] = [];
    let left = 1;
    for (let order = ranges.length - 1; order >= 0; order--) {
      const [from, to] = ranges[order] ?? [0, 0];
      const [sum, types] = sizesOf(from, to);
      const given = types * flattened(backoff[order] ?? 1, sum);
      factors[order] = left / (sum + given);
      left *= given / (sum + given);
    }
    for (let token = 0; token < size; token++) out[token] = left * (pool[token] ?? 0);
    for (const [order, [from, to]] of ranges.entries()) {
      const factor = factors[order] ?? 0;
      for (let place = from; place < to; place++) {
        const token = next[place] ?? 0;
        out[token] = (out[token] ?? 0) + factor * countAt(place);
      }
    }
  };
};
