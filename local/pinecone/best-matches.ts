import { type Measured, type Metric, SCORE } from './similarity.ts';
import { makeProduct } from './vector-blocks.ts';

export type Candidate = Measured & { id: string };
export type Match<T extends Candidate> = { record: T; score: number };

// The event loop also serves the gateway's streams, so a long scan yields every few milliseconds.
const PRODUCTS_A_SLICE = 2_000_000;

/** Negative when `a` is the better match. Equal scores are ordered by id, so that the order of writes has no effect. */
const comparator =
  (metric: Metric) =>
  <T extends Candidate>(a: Match<T>, b: Match<T>): number =>
    (metric === 'euclidean' ? a.score - b.score : b.score - a.score) || (a.record.id < b.record.id ? -1 : 1);

/** Puts a match into a binary heap whose root is the worst one kept. A full heap drops its root or the new match. */
const keep = <T extends Candidate>(
  heap: Match<T>[],
  match: Match<T>,
  limit: number,
  compare: (a: Match<T>, b: Match<T>) => number,
): void => {
  const at = (index: number): Match<T> => heap[index] as Match<T>;
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [at(j), at(i)];
  };
  if (heap.length < limit) {
    heap.push(match);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (compare(at(i), at(parent)) <= 0) return;
      swap(i, parent);
      i = parent;
    }
    return;
  }
  if (compare(match, at(0)) >= 0) return;
  heap[0] = match;
  for (let i = 0; ; ) {
    let worst = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      if (child < heap.length && compare(at(child), at(worst)) > 0) worst = child;
    }
    if (worst === i) return;
    swap(i, worst);
    i = worst;
  }
};

/**
 * The `limit` records most similar to `query`, best first, by exact comparison with every record that `passes`.
 * Writes during the scan do not affect it, since they replace records and never change them.
 */
export const bestMatches = async <T extends Candidate>(
  records: readonly T[],
  query: Measured,
  metric: Metric,
  limit: number,
  passes: (record: T) => boolean,
): Promise<Match<T>[]> => {
  const score = SCORE[metric](query, makeProduct(query.values));
  const compare = comparator(metric);
  const slice = Math.max(1, Math.floor(PRODUCTS_A_SLICE / query.values.length));
  const heap: Match<T>[] = [];
  const isBelow = metric === 'euclidean' ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
  for (let index = 0; index < records.length; index += 1) {
    if (index > 0 && index % slice === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const record = records[index] as T;
    if (!passes(record)) continue;
    const own = score(record);
    // Nearly all records end here, so nothing is made for them.
    if (heap.length === limit && isBelow(own, heap[0]?.score ?? own)) continue;
    keep(heap, { record, score: own }, limit, compare);
  }
  return heap.sort(compare);
};
