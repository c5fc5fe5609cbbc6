import { contextLength, type Ngram } from './ngram.ts';

/**
 * How much of the probability goes down to the next shorter context, for contexts of one to four tokens: where one
 * token alone has followed the context, and where several have. A long context that was seen with one token only
 * would recite the prose, so it gives most away; one that branches is kept to, as is a short one, below which a
 * sentence falls apart.
 */
export type Backoff = readonly (readonly [alone: number, several: number])[];

/** Chosen by reading and measuring: half of what is written at temperature 0.5 follows the prose for long stretches. */
export const defaultBackoff: Backoff = [
  [0.002, 0.002],
  [0.03, 0.02],
  [0.45, 0.25],
  [0.97, 0.6],
];

/** Between the two shares when the second token weighs less than one whole place. */
const shareOf = (backoff: Backoff, order: number, types: number): number => {
  const [alone, several] = backoff[order] ?? [0, 0];
  return alone + (several - alone) * Math.min(1, Math.max(0, types - 1));
};

/** How much a place counts that stands none, one, two, … sentences away from the sentence being written. */
const nearness = [1, 0.4, 0.2, 0.1, 0.1] as const;
/** From the fifth sentence on, all are late ones, near which paragraphs end. */
const latest = nearness.length - 1;

/**
 * Fills `out` with the probability of each dense token and of the end, given the tokens so far and the number (from 0)
 * of the sentence they have come to; it sums to 1.
 */
export type Predict = (context: readonly number[], out: Float64Array, sentence?: number) => void;

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
 * An interpolated n-gram (Jelinek and Mercer: each order mixed with the next lower one) in which a place of the prose
 * counts as much as its topic weighs and as its sentence is near the one being written, so that openings open and
 * endings end.
 * `weights`: one for each topic, each above zero, the greatest 1, so that a place on the subject counts as one place.
 * A text ends only where some paragraph ended: the pool of single tokens does not hold the end.
 */
export const makePredict = (
  model: Ngram,
  weights: Float64Array,
  backoff: Backoff = defaultBackoff,
): Predict => {
  const { next, topic, sentence, share, size, end } = model;
  const weightAt = (place: number): number => (share[place] ?? 0) * (weights[topic[place] ?? 0] ?? 0);
  const pool = new Float64Array(size);
  for (let place = 0; place < next.length; place++) {
    const token = next[place] ?? 0;
    if (token !== end) pool[token] = (pool[token] ?? 0) + weightAt(place);
  }
  const total = pool.reduce((sum, count) => sum + count, 0);
  for (let token = 0; token < size; token++) pool[token] = (pool[token] ?? 0) / total;

  let current = 0;
  const countAt = (place: number): number =>
    weightAt(place) * (nearness[Math.abs(Math.min(sentence[place] ?? 0, latest) - current)] ?? 0);
  const seen = new Float64Array(size);
  /** The weighted count of a range, and of the different tokens in it (each at most one). */
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

  return (context, out, sentenceNumber = 0) => {
    current = Math.min(sentenceNumber, latest);
    const ranges = rangesOf(model, context);
    const factors: number[] = [];
    let left = 1;
    for (let order = ranges.length - 1; order >= 0; order--) {
      const [from, to] = ranges[order] ?? [0, 0];
      const [sum, types] = sizesOf(from, to);
      const given = shareOf(backoff, order, types);
      factors[order] = (left * (1 - given)) / sum;
      left *= given;
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
