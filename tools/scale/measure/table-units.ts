import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item as DynamoDB's own protocol has it. */
export type Item = Record<string, AttributeValue>;

const utf8 = (text: string): number => Buffer.byteLength(text);

/**
 * Bytes of an item as DynamoDB counts them: the UTF-8 of names and strings; a number a byte for each two significant
 * digits and one more; 1 for null and booleans; 3 for a list or map and 1 for each of its elements.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemSize = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);

const valueSize = (value: AttributeValue): number => {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.SS !== undefined) return value.SS.reduce((sum, each) => sum + utf8(each), 0);
  if (value.NS !== undefined) return value.NS.reduce((sum, each) => sum + numberSize(each), 0);
  if (value.L !== undefined) return value.L.reduce((sum, each) => sum + 1 + valueSize(each), 3);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
};

const numberSize = (text: string): number => {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
};

/** What a secondary index holds of an item: `attributes` beside its own keys and the table's. */
type IndexShape = { name: string; keys: string[]; attributes: string[] };
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
