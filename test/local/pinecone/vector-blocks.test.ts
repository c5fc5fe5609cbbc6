import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dot, measured } from '../../../local/pinecone/similarity.ts';
import { makeProduct, makeVectorBlocks } from '../../../local/pinecone/vector-blocks.ts';
import { openVectorDatabase } from '../../../local/pinecone/vector-database.ts';
import { openVectorIndex } from '../../../local/pinecone/vector-index.ts';

const floats = (length: number) =>
  fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: length, maxLength: length });

describe('the product of a query with a kept vector', () => {
  test('is that of 64-bit arithmetic, whatever the dimension', () => {
    const pairs = fc
      .integer({ min: 1, max: 40 })
      .chain((dimension) => fc.tuple(floats(dimension), fc.array(floats(dimension), { minLength: 1 })));
    fc.assert(
      fc.property(pairs, ([numbers, rows]) => {
        const query = Float32Array.from(numbers);
        const blocks = makeVectorBlocks(query.length);
        const product = makeProduct(query);
        for (const row of rows) {
          const values = Float32Array.from(row);
          const expected = values.reduce((sum, value, at) => sum + value * (query[at] ?? 0), 0);
          const kept = blocks.keep(values);
          expect(kept).toEqual(values);
          expect(Math.abs(product(kept) - expected)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(expected)));
          expect(Math.abs(dot(query, values) - expected)).toBeLessThanOrEqual(
            1e-9 * (1 + Math.abs(expected)),
          );
        }
      }),
    );
  });

  test('is exact for queries that take turns, and beyond the zeros at the end of one', () => {
    const blocks = makeVectorBlocks(20);
    const kept = blocks.keep(Float32Array.from({ length: 20 }, (_, at) => at + 1));
    const short = makeProduct(Float32Array.from({ length: 20 }, (_, at) => (at < 3 ? 1 : 0)));
    const long = makeProduct(new Float32Array(20).fill(2));
    const none = makeProduct(new Float32Array(20));
    for (let turn = 0; turn < 3; turn += 1)
      expect([short, long, none].map((each) => each(kept))).toEqual([6, 420, 0]);
  });

  test('holds in every block, and vectors that are kept already stay where they are', () => {
    // 20,000 values are 80 KB, so that a few vectors fill the first blocks.
    const blocks = makeVectorBlocks(20_000);
    const kept = Array.from({ length: 12 }, (_, at) => blocks.keep(new Float32Array(20_000).fill(at)));
    const product = makeProduct(new Float32Array(20_000).fill(1));
    expect(kept.map(product)).toEqual(Array.from({ length: 12 }, (_, at) => at * 20_000));
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBeGreaterThan(1);
    expect(blocks.rows()).toBe(12);
    expect(blocks.keep(kept[0] as Float32Array)).toBe(kept[0]);
    expect(blocks.rows()).toBe(12);
  });
});

test('an index whose vectors were replaced many times has each with its last values, and a snapshot those of its time', () => {
  const database = openVectorDatabase(':memory:');
  try {
    const indexId = Number(
      database.prepare("INSERT INTO indexes (name, definition) VALUES ('i', '{}')").run().lastInsertRowid,
    );
    const definition = {
      ...{ name: 'i', dimension: 3, metric: 'cosine' as const, cloud: 'aws', region: 'us-east-1' },
      ...{ deletionProtection: false, tags: {} },
    };
    const index = openVectorIndex({ database, indexId, definition, nextPosition: () => 1 });
    const vector = (id: string, at: number) => ({
      ...{ id, metadata: { at } },
      ...measured(Float32Array.of(at, 1, 2)),
    });
    index.upsert('n', [vector('other', -1)]);
    let before = index.records('n');
    for (let at = 0; at < 3_000; at += 1) {
      index.upsert('n', [vector('same', at)]);
      if (at === 10) before = index.records('n');
    }
    const valuesOf = (records: typeof before) => records.map(({ id, values }) => [id, ...values]);
    expect(valuesOf(before)).toEqual([
      ['other', -1, 1, 2],
      ['same', 10, 1, 2],
    ]);
    expect(valuesOf(index.records('n'))).toEqual([
      ['other', -1, 1, 2],
      ['same', 2_999, 1, 2],
    ]);
    index.delete('n', ['same']);
    expect(valuesOf(index.records('n'))).toEqual([['other', -1, 1, 2]]);
    expect(
      makeProduct(Float32Array.of(1, 1, 1))(index.find('n', 'other')?.values ?? new Float32Array()),
    ).toBe(2);
  } finally {
    database.close();
  }
});
