import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item in DynamoDB's wire format. */
export type Item = Record<string, AttributeValue>;

const utf8 = (text: string): number => Buffer.byteLength(text);

/**
 * The size of an item in bytes as DynamoDB counts it: the UTF-8 bytes of names and strings; for a number one byte per
 * two significant digits and one more; 1 for null and booleans; 3 for a list or map and 1 for each of its elements.
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

/** A secondary index. It contains `attributes`, its own keys and the table's keys. */
type IndexShape = { name: string; keys: string[]; attributes: string[] };
export type TableShape = { keys: string[]; indexes: IndexShape[] };

/** Request units by consumer: `table`, and each index by its name. */
export type Units = Record<string, number>;

const KB = 1024;
const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / KB));

/** The units of a read: one per 4 KB, at least one, and half of that for an eventually consistent read. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / (4 * KB))) * (consistent ? 1 : 0.5);

/** The units that a write takes from one partition of the table, or of an index by its name. */
export type PartitionWrite = { space: string; key: AttributeValue; units: number };

/**
 * The write request units of one write that turned `before` into `after` (undefined: no item), by the partition keys
 * that pay them. The table is charged for the larger of both. An index is charged for an entry that is added, removed
 * or changed, and twice when its key changes. A failed condition is charged like a write that changes nothing; `key` is
 * the partition key of the request, for a write that found no item and left none.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
export const partitionWritesOf = (
  before: Item | undefined,
  after: Item | undefined,
  { keys, indexes }: TableShape,
  key: AttributeValue,
): PartitionWrite[] => {
  const size = Math.max(before ? itemSize(before) : 0, after ? itemSize(after) : 0);
  const ofTable = { space: 'table', key, units: writeUnits(size) };
  const ofIndexes = indexes.flatMap((index) =>
    entryWrites(before && entryOf(before, index, keys), after && entryOf(after, index, keys), index),
  );
  return [ofTable, ...ofIndexes];
};

/** The same units by consumer, with 0 for an index without a write. */
export const unitsOfWrite = (before: Item | undefined, after: Item | undefined, shape: TableShape): Units => {
  const units: Units = { table: 0, ...Object.fromEntries(shape.indexes.map(({ name }) => [name, 0])) };
  for (const write of partitionWritesOf(before, after, shape, { NULL: true }))
    units[write.space] = (units[write.space] ?? 0) + write.units;
  return units;
};

/** The item's entry in a sparse index; undefined when the item lacks one of the index's keys. */
const entryOf = (item: Item, { keys, attributes }: IndexShape, tableKeys: string[]): Item | undefined => {
  if (!keys.every((name) => item[name] !== undefined)) return undefined;
  return Object.fromEntries(
    [...keys, ...tableKeys, ...attributes].flatMap((name) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
};

const entryWrites = (
  old: Item | undefined,
  now: Item | undefined,
  { name, keys }: IndexShape,
): PartitionWrite[] => {
  const writeOf = (entry: Item, bytes = itemSize(entry)): PartitionWrite => ({
    space: name,
    key: entry[keys[0] ?? ''] ?? { NULL: true },
    units: writeUnits(bytes),
  });
  if (!old || !now) return [old, now].flatMap((entry) => (entry ? [writeOf(entry)] : []));
  const same = (names: string[]) =>
    names.every((each) => JSON.stringify(old[each]) === JSON.stringify(now[each]));
  if (!same(keys)) return [writeOf(old), writeOf(now)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return same(names) ? [] : [writeOf(now, Math.max(itemSize(old), itemSize(now)))];
};

/** Reads the keys and indexes of the table from its declaration in the packaged template. */
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
