import { NEW_TABLE_UNITS, PARTITION_UNITS } from './documented.ts';

/** A partition's part of the hashes of partition keys, which go from 0 to 1; `to` is exclusive. */
export type Range = { from: number; to: number };

/** The load of a space: of single keys, and of keys so many that it falls evenly on all hashes. Units a second. */
export type Load = { keys: readonly { hash: number; units: number }[]; spread: number };

/** The width of a range that contains one key alone. */
const ONE_KEY = 2 ** -44;

/** The partitions of a new on-demand table, or of its index. */
export const newLayout = (): Range[] => {
  const count = NEW_TABLE_UNITS / PARTITION_UNITS;
  return Array.from({ length: count }, (_, at) => ({ from: at / count, to: (at + 1) / count }));
};

/**
 * Splits partitions until none has more than `most` units a second, as DynamoDB does in time. A hot key gets a partition
 * of its own. That one is never split, although DynamoDB may split the items of a key by their sort keys: all of ours
 * with many items have sort keys that grow with time, so that new items would still be written to one partition.
 * https://aws.amazon.com/blogs/database/part-3-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-key-range-limit-exceeded-mitigation.html
 */
export const splitForHeat = (ranges: readonly Range[], load: Load, most: number): Range[] =>
  ranges.flatMap((range) => splitRange(range, load, most));

const splitRange = (range: Range, { keys, spread }: Load, most: number): Range[] => {
  const { from, to } = range;
  const inside = keys.filter(({ hash }) => hash >= from && hash < to);
  const units = inside.reduce((sum, key) => sum + key.units, spread * (to - from));
  if (units <= most || to - from <= ONE_KEY) return [range];
  const load = { keys: inside, spread };
  const hottest = inside.toSorted((a, b) => b.units - a.units)[0];
  const cuts =
    hottest && hottest.units > most / 2 ? [hottest.hash, hottest.hash + ONE_KEY] : [(from + to) / 2];
  const edges = [from, ...cuts, to];
  return edges.slice(1).flatMap((end, at) => {
    const start = edges[at] ?? from;
    return end > start ? splitRange({ from: start, to: end }, load, most) : [];
  });
};

/** The index of the range that contains a hash. */
export const rangeOf = (ranges: readonly Range[], hash: number): number => {
  let [low, high] = [0, ranges.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ranges[middle]?.from ?? 1) <= hash) low = middle;
    else high = middle - 1;
  }
  return low;
};
