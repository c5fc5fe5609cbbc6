import { Errors, type Index } from '@pinecone-database/pinecone';
import { beforeEach, describe, expect, test } from 'vitest';
import { SERVERLESS, send, usePinecone } from './pinecone-fixture.ts';

const BOOKS = [
  { id: 'book#1', values: [1, 0, 0], metadata: { genre: 'drama', year: 2019, tags: ['sad', 'long'] } },
  { id: 'book#2', values: [1, 1, 0], metadata: { genre: 'comedy', year: 2020, tags: ['short'] } },
  { id: 'book#3', values: [0, 0, 2], metadata: { genre: 'drama', year: 2021 } },
  { id: 'poem#1', values: [-1, 0, 0] },
];

describe('the data plane of the local Pinecone, through the official SDK,', () => {
  const at = usePinecone();
  let count = 0;
  let name: string;
  let index: Index;

  beforeEach(async () => {
    name = `books-${++count}`;
    await at.pc.indexes.create({ name, dimension: 3, metric: 'cosine', spec: SERVERLESS });
    index = at.pc.index({ name, namespace: 'shelf' });
    await index.upsert({ records: BOOKS });
  });

  const ids = (matches: { id: string }[]): string[] => matches.map(({ id }) => id);

  test('answers a query with the nearest first and their cosine', async () => {
    const { matches, namespace, usage } = await index.query({ vector: [2, 0, 0], topK: 3 });
    expect(namespace).toBe('shelf');
    expect(ids(matches)).toEqual(['book#1', 'book#2', 'book#3']);
    expect(matches.map(({ score }) => score)).toEqual([1, 0.70710677, 0]);
    expect(matches[0]).toEqual({ id: 'book#1', score: 1, values: [] });
    expect(usage?.readUnits).toBe(1);
  });

  test('ranks by the metric of the index: for euclidean the least squared distance comes first', async () => {
    await at.pc.indexes.create({ name: `${name}-e`, dimension: 3, metric: 'euclidean', spec: SERVERLESS });
    const other = at.pc.index({ name: `${name}-e` });
    await other.upsert({ records: BOOKS });
    const { matches } = await other.query({ vector: [1, 0, 0], topK: 4 });
    expect(matches.map(({ id, score }) => [id, score])).toEqual([
      ['book#1', 0],
      ['book#2', 1],
      ['poem#1', 4],
      ['book#3', 5],
    ]);
  });

  test('adds values and metadata when requested', async () => {
    const { matches } = await index.query({
      vector: [0, 0, 1],
      topK: 1,
      includeValues: true,
      includeMetadata: true,
    });
    expect(matches).toEqual([
      {
        id: 'book#3',
        score: 1,
        values: [0, 0, 2],
        metadata: { genre: 'drama', year: 2021 },
        sparseValues: undefined,
      },
    ]);
  });

  test('writes values and scores as the shortest decimals of their float32', async () => {
    const space = index.namespace('decimals');
    const values = [0.1, 0.2, 0.33333334];
    await space.upsert({ records: [{ id: 'a', values: [0.1, 0.2, 1 / 3] }] });
    expect((await space.fetch({ ids: ['a'] })).records.a?.values).toEqual(values);
    const { matches } = await space.query({ vector: [0, 0, 1], topK: 1, includeValues: true });
    expect(matches.map(({ values: got, score }) => [got, score])).toEqual([[values, 0.8304548]]);
  });

  test('compares with a stored record by its id, and finds nothing for an unknown id', async () => {
    expect(ids((await index.query({ id: 'book#3', topK: 1 })).matches)).toEqual(['book#3']);
    expect((await index.query({ id: 'book#9', topK: 1 })).matches).toEqual([]);
  });

  test('filters before it cuts to topK', async () => {
    const filter = { genre: 'drama', year: { $gte: 2020 } };
    expect(ids((await index.query({ vector: [1, 0, 0], topK: 1, filter })).matches)).toEqual(['book#3']);
  });

  test('replaces a whole record on upsert', async () => {
    await index.upsert({ records: [{ id: 'book#1', values: [0, 1, 0] }] });
    const { records } = await index.fetch({ ids: ['book#1'] });
    expect(records['book#1']?.values).toEqual([0, 1, 0]);
    expect(records['book#1']?.metadata).toBeUndefined();
  });

  test('fetches the existing ones of the given ids', async () => {
    const { records, namespace } = await index.fetch({ ids: ['book#2', 'nothing'] });
    expect(namespace).toBe('shelf');
    expect(Object.keys(records)).toEqual(['book#2']);
    expect(records['book#2']).toMatchObject(BOOKS[1] ?? {});
  });

  test('fetches a thousand long ids in one request', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `${'#'.repeat(500)}${i}`);
    expect((await index.fetch({ ids: [...many.slice(1), 'book#1'] })).records).toHaveProperty(['book#1']);
  });

  test('fetches by metadata, page by page', async () => {
    const first = await index.fetchByMetadata({ filter: { year: { $gt: 2000 } }, limit: 2 });
    expect(Object.keys(first.records)).toEqual(['book#1', 'book#2']);
    const paginationToken = first.pagination?.next ?? '';
    const second = await index.fetchByMetadata({
      filter: { year: { $gt: 2000 } },
      limit: 2,
      paginationToken,
    });
    expect(Object.keys(second.records)).toEqual(['book#3']);
    expect(second.pagination).toBeUndefined();
  });

  test('lists ids by prefix and by pages, in order', async () => {
    const first = await index.listPaginated({ prefix: 'book#', limit: 2 });
    expect(first.vectors?.map(({ id }) => id)).toEqual(['book#1', 'book#2']);
    const paginationToken = first.pagination?.next ?? '';
    const second = await index.listPaginated({ prefix: 'book#', limit: 2, paginationToken });
    expect(second.vectors?.map(({ id }) => id)).toEqual(['book#3']);
    expect(second.pagination).toBeUndefined();
    expect((await index.listPaginated()).vectors).toHaveLength(4);
    expect((await index.listPaginated({ namespace: 'nowhere' })).vectors).toEqual([]);
  });

  test('updates values, and merges metadata, of one record', async () => {
    await index.update({ id: 'book#1', values: [0, 3, 0], metadata: { year: 1999, read: true } });
    const { records } = await index.fetch({ ids: ['book#1'] });
    expect(records['book#1']).toMatchObject({
      values: [0, 3, 0],
      metadata: { genre: 'drama', year: 1999, tags: ['sad', 'long'], read: true },
    });
    await index.update({ id: 'book#9', metadata: { year: 1 } });
    expect((await index.fetch({ ids: ['book#9'] })).records).toEqual({});
  });

  test('updates the metadata of all records that match a filter, or only counts them in a dry run', async () => {
    await index.update({ filter: { genre: 'drama' }, metadata: { shelf: 7 } });
    const { namespaces } = await index.describeIndexStats({ filter: { shelf: { $eq: 7 } } });
    expect(namespaces?.shelf?.recordCount).toBe(2);
    const { host } = await at.pc.indexes.describe(name);
    const dry = { namespace: 'shelf', filter: { shelf: 7 }, setMetadata: { shelf: 8 }, dryRun: true };
    expect((await send(`${host}/vectors/update`, 'POST', dry)).body).toEqual({ matchedRecords: 2 });
    expect(Object.keys((await index.fetchByMetadata({ filter: { shelf: 8 } })).records)).toEqual([]);
  });

  test('deletes by id, by ids, by filter, and all', async () => {
    const left = async (): Promise<unknown> => (await index.listPaginated()).vectors?.map(({ id }) => id);
    await index.deleteOne({ id: 'poem#1' });
    expect(await left()).toEqual(['book#1', 'book#2', 'book#3']);
    await index.deleteMany({ filter: { tags: { $in: ['short'] } } });
    expect(await left()).toEqual(['book#1', 'book#3']);
    await index.deleteMany({ ids: ['book#1', 'nothing'] });
    expect(await left()).toEqual(['book#3']);
    await index.deleteAll();
    expect(await left()).toEqual([]);
  });

  test('answers that a namespace without records is not found to a deletion', async () => {
    const nowhere = index.namespace('nowhere');
    await expect(nowhere.deleteOne({ id: 'a' })).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    await expect(nowhere.deleteAll()).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
  });

  test('counts records by namespace, or those that match a filter alone', async () => {
    await at.pc
      .index({ name })
      .upsert({ records: [{ id: 'a', values: [1, 2, 3], metadata: { year: 2020 } }] });
    expect(await index.describeIndexStats()).toEqual({
      dimension: 3,
      indexFullness: 0,
      namespaces: { shelf: { recordCount: 4 }, __default__: { recordCount: 1 } },
      totalRecordCount: 5,
    });
    const some = await index.describeIndexStats({ filter: { year: { $eq: 2020 } } });
    expect(some.namespaces).toEqual({ shelf: { recordCount: 1 }, __default__: { recordCount: 1 } });
  });

  test('keeps namespaces apart', async () => {
    const other = index.namespace('other');
    await other.upsert({ records: [{ id: 'book#1', values: [0, 1, 0] }] });
    expect((await other.query({ vector: [0, 1, 0], topK: 10 })).matches).toHaveLength(1);
    expect((await index.fetch({ ids: ['book#1'] })).records['book#1']?.values).toEqual([1, 0, 0]);
    await other.deleteAll();
    expect((await index.listPaginated()).vectors).toHaveLength(4);
  });

  test('keeps indexes apart on one port', async () => {
    await at.pc.indexes.create({ name: `${name}-b`, dimension: 2, metric: 'cosine', spec: SERVERLESS });
    const other = at.pc.index({ name: `${name}-b`, namespace: 'shelf' });
    await other.upsert({ records: [{ id: 'book#1', values: [1, 1] }] });
    expect((await other.describeIndexStats()).totalRecordCount).toBe(1);
    expect((await index.describeIndexStats()).totalRecordCount).toBe(4);
  });

  test('stores ids and fields with names that are special in JavaScript', async () => {
    const records = [
      { id: '__proto__', values: [1, 0, 0], metadata: JSON.parse('{"__proto__": "x", "constructor": 1}') },
    ];
    await index.upsert({ records });
    const { host } = await at.pc.indexes.describe(name);
    const raw = await send(`${host}/vectors/fetch?ids=__proto__&namespace=shelf`, 'GET');
    expect(JSON.stringify(raw.body)).toContain('"metadata":{"__proto__":"x","constructor":1}');
    expect(
      Object.keys((await index.fetchByMetadata({ filter: { toString: { $exists: true } } })).records),
    ).toEqual([]);
  });
});
