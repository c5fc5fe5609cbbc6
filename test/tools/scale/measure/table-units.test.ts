import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { marshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import {
  itemSize,
  partitionWritesOf,
  readUnits,
  shapeOfTable,
  unitsOfWrite,
} from '../../../../tools/scale/measure/table-units.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

const shape = shapeOfTable({
  KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'sk' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due',
      KeySchema: [{ AttributeName: 'shard' }, { AttributeName: 'at' }],
      Projection: {},
    },
    {
      IndexName: 'list',
      KeySchema: [{ AttributeName: 'caller' }],
      Projection: { NonKeyAttributes: ['status'] },
    },
  ],
});
const item = (more: object) => marshall({ pk: 'p', sk: 's', ...more });
const units = (before: object | undefined, after: object | undefined) =>
  unitsOfWrite(before && item(before), after && item(after), shape);

describe('the size of an item', () => {
  test('is the size of its names and values', () => {
    // pk + p, sk + s; n and two digits; list of 3 + 1 each; null, true: 1 each beside the name
    expect(itemSize(item({}))).toBe(6);
    expect(itemSize(item({ n: 42 }))).toBe(6 + 1 + 2);
    expect(itemSize(item({ n: -1200 }))).toBe(6 + 1 + 3);
    expect(itemSize(item({ l: ['ab', 'é'] }))).toBe(6 + 1 + 3 + (1 + 2) + (1 + 2));
    expect(itemSize(item({ m: { a: null } }))).toBe(6 + 1 + 3 + 1 + (1 + 1));
  });
});

describe('the capacity units of a write', () => {
  test('are one per KB of the larger of the old and the new item', () => {
    expect(units(undefined, {}).table).toBe(1);
    expect(units(undefined, { text: 'x'.repeat(1_020) }).table).toBe(2);
    expect(units({ text: 'x'.repeat(3_000) }, {}).table).toBe(3);
    expect(units(undefined, undefined).table).toBe(1); // a refused condition
  });

  test('include indexes whose entry appears, changes, moves or disappears, and none that is unchanged', () => {
    const due = { shard: 1, at: 5 };
    expect(units(undefined, due)).toEqual({ table: 1, due: 1, list: 0 });
    expect(units(due, { ...due, other: 1 })).toEqual({ table: 1, due: 0, list: 0 });
    expect(units(due, { shard: 1, at: 6 })).toEqual({ table: 1, due: 2, list: 0 });
    expect(units(due, {})).toEqual({ table: 1, due: 1, list: 0 });
    expect(units({ caller: 'a', status: 'x' }, { caller: 'a', status: 'y' }).list).toBe(1);
    expect(units({ caller: 'a', status: 'x' }, { caller: 'a', status: 'x', more: 1 }).list).toBe(0);
  });

  test('are taken from the partitions of the old and of the new key', () => {
    const of = (before: object | undefined, after: object | undefined) =>
      partitionWritesOf(before && item(before), after && item(after), shape, { S: 'asked' });
    expect(of(undefined, undefined)).toEqual([{ space: 'table', key: { S: 'asked' }, units: 1 }]);
    expect(of({ shard: 1, at: 5 }, { shard: 2, at: 6 })).toEqual([
      { space: 'table', key: { S: 'asked' }, units: 1 },
      { space: 'due', key: { N: '1' }, units: 1 },
      { space: 'due', key: { N: '2' }, units: 1 },
    ]);
  });

  test('are one per 4 KB for a read, and half of that when it is eventually consistent', () => {
    expect([readUnits(0, true), readUnits(4_096, true), readUnits(4_097, false)]).toEqual([1, 1, 1]);
    expect(readUnits(100, false)).toBe(0.5);
  });
});

describe('compared with a table', () => {
  let table: Awaited<ReturnType<typeof openTable>>;
  beforeAll(async () => {
    table = await openTable();
  });
  afterAll(() => table.close());

  test('the units of a new item equal those that the table reports', async () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 900 }), fc.boolean(), fc.integer());
    let at = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z]{3,8}$/), value, { maxKeys: 6 }),
        async (more) => {
          at += 1;
          const Item = marshall({ pk: `p${at}`, sk: 's', ...more });
          const { ConsumedCapacity } = await table.client.send(
            new PutItemCommand({ TableName: table.table, Item, ReturnConsumedCapacity: 'TOTAL' }),
          );
          expect(unitsOfWrite(undefined, Item, { keys: ['pk', 'sk'], indexes: [] }).table).toBe(
            ConsumedCapacity?.CapacityUnits,
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
