import { CONTEXT_LENGTH, type Ngram } from './ngram.ts';
import { closeness, PARAGRAPH_START, type Position } from './position.ts';

/**
 * How much of the probability goes down to the next shorter context, for contexts of one to four tokens. Chosen by
 * reading and measuring: a step below two tokens breaks a sentence; a context of four was mostly seen with one token
 * only, so that keeping to it would recite the prose.
 */
export type Backoff = readonly [one: number, two: number, three: number, four: number];
const DEFAULT_BACKOFF: Backoff = [0.001, 0.02, 0.45, 0.97];

/** Fills `out` with the probability of each dense token and of the end, given the tokens so far; it sums to 1. */
export type Predict = (context: readonly number[], out: Float64Array, position?: Position) => void;

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

type Range = readonly [from: number, to: number];

/** The places whose last one, two, … tokens are those of the context: nested ranges, while there are any. */
const rangesOf = ({ columns, next }: Ngram, context: readonly number[]): Range[] => {
  const ranges: Range[] = [];
  let from = 0;
  let to = next.length;
  for (let back = 0; back < Math.min(CONTEXT_LENGTH, context.length); back++) {
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
 * An interpolated n-gram (Jelinek and Mercer: each order is mixed with the next lower one in fixed shares) in which a
 * place of the prose counts as much as its topic weighs and as its position is like that of the token being written:
 * so openings open, endings end, and a sentence is seldom cut short.
 * `weights`: one for each topic, each above zero. A position left out is the start of a paragraph.
 * A text ends only where some paragraph ended: the pool of single tokens does not hold the end.
 */
export const makePredict = (
  model: Ngram,
  weights: Float64Array,
  backoff: Backoff = DEFAULT_BACKOFF,
): Predict => {
  const { next, topic, positions, share, size, end } = model;
  const weightAt = (place: number): number => (share[place] ?? 0) * (weights[topic[place] ?? 0] ?? 0);
  const pool = new Float64Array(size);
  for (let place = 0; place < next.length; place++) {
    const token = next[place] ?? 0;
    if (token !== end) pool[token] = (pool[token] ?? 0) + weightAt(place);
  }
  const total = pool.reduce((sum, count) => sum + count, 0);
  for (let token = 0; token < size; token++) pool[token] = (pool[token] ?? 0) / total;

  /** Adds the tokens of a range to `out` so that together they have the probability `mass`. */
  const addRange = (out: Float64Array, [from, to]: Range, position: Position, mass: number): void => {
    const counts = new Float64Array(to - from);
    let sum = 0;
    for (let place = from; place < to; place++) {
      const count = weightAt(place) * closeness(positions[place] ?? PARAGRAPH_START, position);
      counts[place - from] = count;
      sum += count;
    }
    for (let place = from; place < to; place++) {
      const token = next[place] ?? 0;
      out[token] = (out[token] ?? 0) + (mass * (counts[place - from] ?? 0)) / sum;
    }
  };

  return (context, out, position = PARAGRAPH_START) => {
    const ranges = rangesOf(model, context);
    const masses: number[] = [];
    let left = 1;
    for (let order = ranges.length - 1; order >= 0; order--) {
      const given = backoff[order] ?? 0;
      masses[order] = left * (1 - given);
      left *= given;
    }
    for (let token = 0; token < size; token++) out[token] = left * (pool[token] ?? 0);
    for (const [order, range] of ranges.entries()) addRange(out, range, position, masses[order] ?? 0);
  };
};
