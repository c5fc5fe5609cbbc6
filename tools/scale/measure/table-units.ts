import { type Item, itemSize } from './item-size.ts';

/** What a secondary index holds of an item: `attributes` beside its own keys and the table's. */
export type IndexShape = { name: string; keys: string[]; attributes: string[] };
export type TableShape = { keys: string[]; indexes: IndexShape[] };

/** Request units by where they are consumed: `table`, and each index by its name. */
export type Units = Record<string, number>;

const KB = 1024;
const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / KB));

/** A read's units: 4 KB each, one at least, half of it where it need not be consistent. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / (4 * KB))) * (consistent ? 1 : 0.5);

/**
 * Write request units of one write that made `after` of `before` (undefined: no item). The table pays for the larger of
 * both; an index pays for an entry that appears, goes or changes, and twice where its key changes. A refused condition
 * is a write that changed nothing.
 */
export const unitsOfWrite = (
  before: Item | undefined,
  after: Item | undefined,
  { keys, indexes }: TableShape,
): Units => {
  const size = Math.max(before ? itemSize(before) : 0, after ? itemSize(after) : 0);
  const units: Units = { table: writeUnits(size) };
  for (const index of indexes) {
    const old = before && entryOf(before, index, keys);
    const now = after && entryOf(after, index, keys);
    units[index.name] = indexUnits(old, now, index.keys);
  }
  return units;
};

/** Sparse: an item without all of the index's keys has no entry. */
const entryOf = (item: Item, { keys, attributes }: IndexShape, tableKeys: string[]): Item | undefined => {
  if (!keys.every((name) => item[name] !== undefined)) return undefined;
  return Object.fromEntries(
    [...keys, ...tableKeys, ...attributes].flatMap((name) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
};

const indexUnits = (old: Item | undefined, now: Item | undefined, keys: string[]): number => {
  if (!old && !now) return 0;
  if (!old || !now) return writeUnits(itemSize(old ?? now ?? {}));
  const same = (names: string[]) =>
    names.every((name) => JSON.stringify(old[name]) === JSON.stringify(now[name]));
  if (!same(keys)) return writeUnits(itemSize(old)) + writeUnits(itemSize(now));
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return same(names) ? 0 : writeUnits(Math.max(itemSize(old), itemSize(now)));
};

/** The table and its indexes as the packaged template declares them. */
export const shapeOfTable = (properties: {
  KeySchema: { AttributeName: string }[];
  GlobalSecondaryIndexes?: {
    IndexName: string;
    KeySchema: { AttributeName: string }[];
    Projection: { NonKeyAttributes?: string[] };
  }[];
}): TableShape => ({
  keys: properties.KeySchema.map(({ AttributeName }) => AttributeName),
  indexes: (properties.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
    name: IndexName,
    keys: KeySchema.map(({ AttributeName }) => AttributeName),
    attributes: Projection.NonKeyAttributes ?? [],
  })),
});
