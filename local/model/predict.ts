import { CONTEXT_LENGTH, type Ngram } from './ngram.ts';
import { closeness, PARAGRAPH_START, type Position } from './position.ts';

/**
 * The share of the probability that goes to the next shorter context, for contexts of one to four tokens. Chosen by
 * reading and measuring: contexts below two tokens break sentences, and most contexts of four were seen with a single
 * next token, so relying on them would recite the prose.
 */
export type Backoff = readonly [one: number, two: number, three: number, four: number];
const DEFAULT_BACKOFF: Backoff = [0.001, 0.02, 0.45, 0.97];

/** Fills `out` with the probability of each dense token and of the end, given the tokens so far. They sum to 1. */
export type Predict = (context: readonly number[], out: Float64Array, position?: Position) => void;

/** The first place in [from, to) of a sorted column with a value not below `value`. */
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

/** The ranges of places that share the last one, two, … tokens with the context. They are nested and not empty. */
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
 * Makes the prediction of an interpolated n-gram (Jelinek and Mercer: each order is mixed with the next lower one in
 * fixed shares). A place in the prose counts by the weight of its topic and by the similarity of its position to that
 * of the token to predict, so openings come first, endings last, and sentences are seldom cut short.
 * `weights` has one value above zero for each topic. The default position is the start of a paragraph.
 * A text ends only where some paragraph ended: the pool of single tokens excludes the end.
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

  /** Adds the tokens of a range to `out`, with a total probability of `mass`. */
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
