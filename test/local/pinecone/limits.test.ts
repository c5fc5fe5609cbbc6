import { Errors, type Index } from '@pinecone-database/pinecone';
import { beforeAll, describe, expect, test } from 'vitest';
import { SERVERLESS, send, usePinecone } from './pinecone-fixture.ts';

describe('the data plane of the local Pinecone refuses', () => {
  const at = usePinecone();
  let index: Index;
  let host: string;

  beforeAll(async () => {
    await at.pc.indexes.create({ name: 'limits', dimension: 3, metric: 'cosine', spec: SERVERLESS });
    index = at.pc.index({ name: 'limits' });
    host = (await at.pc.indexes.describe('limits')).host;
  });

  const refusal = (message: string, code = 3) => ({
    status: 400,
    body: { code, message: expect.stringContaining(message), details: [] },
  });
  const one = (record: object) => ({ vectors: [{ id: 'a', values: [1, 2, 3], ...record }] });

  test('requests with answers that the SDK turns into its own errors, with the message', async () => {
    const wrong = index.upsert({ records: [{ id: 'a', values: [1, 2] }] });
    await expect(wrong).rejects.toBeInstanceOf(Errors.PineconeBadRequestError);
    await expect(wrong).rejects.toThrow('Vector dimension 2 does not match the dimension of the index 3');
  });

  test.each([
    ['no vectors', { vectors: [] }, 'No vectors to upsert'],
    [
      '1,001 vectors',
      { vectors: Array(1_001).fill({ id: 'a', values: [1, 2, 3] }) },
      'at most 1000, got 1001',
    ],
    [
      'a zero vector',
      one({ values: [0, 0, 0] }),
      "at least one non-zero value. Vector ID 'a' contains only zeros",
    ],
    [
      'a number that became null on the wire',
      one({ values: [1, null, 3] }),
      'finite 32-bit numbers (position 1)',
    ],
    ['a number beyond 32 bits', one({ values: [1e39, 2, 3] }), 'finite 32-bit numbers (position 0)'],
    ['no values', one({ values: undefined }), 'vector values must be a list'],
    ['sparse values', one({ sparseValues: { indices: [1], values: [1] } }), 'does not support sparse values'],
    ['an id of 513 characters', one({ id: 'a'.repeat(513) }), 'at most 512 characters, got 513'],
    ['an empty id', one({ id: '' }), 'Vector ID must not be empty'],
    ['an id beyond ASCII', one({ id: 'é' }), 'Vector ID must be ASCII'],
    ['metadata of null', one({ metadata: { a: null } }), "list of strings, got 'null' for field 'a'"],
    ['nested metadata', one({ metadata: { a: { b: 1 } } }), `got '{"b":1}' for field 'a'`],
    ['a list of numbers in metadata', one({ metadata: { a: [1] } }), "got '[1]' for field 'a'"],
    ['a metadata name with $', one({ metadata: { $a: 1 } }), "must not begin with '$', got '$a'"],
    ['metadata above 40 KB', one({ metadata: { a: 'x'.repeat(40_953) } }), 'Metadata size is 40961 bytes'],
  ])('an upsert with %s', async (_, body, message) => {
    expect(await send(`${host}/vectors/upsert`, 'POST', body)).toMatchObject(refusal(message));
    expect((await index.describeIndexStats()).totalRecordCount).toBe(0);
  });

  test('all records of an upsert of which one is invalid', async () => {
    const vectors = [
      { id: 'sound', values: [1, 2, 3] },
      { id: 'unsound', values: [0, 0, 0] },
    ];
    expect(await send(`${host}/vectors/upsert`, 'POST', { vectors })).toMatchObject({ status: 400 });
    expect((await index.fetch({ ids: ['sound'] })).records).toEqual({});
  });

  test('not metadata of exactly 40 KB, an id of 512 characters or 1,000 records', async () => {
    const largest = index.namespace('largest');
    await largest.upsert({
      records: [{ id: 'a'.repeat(512), values: [1, 2, 3], metadata: { a: 'x'.repeat(40_952) } }],
    });
    await largest.upsert({
      records: Array.from({ length: 1_000 }, (_, i) => ({ id: `${i}`, values: [1, 2, 3] })),
    });
    expect((await largest.describeIndexStats()).namespaces?.largest?.recordCount).toBe(1_001);
    await largest.deleteAll();
  });

  test('a request above 2 MB, naming its length', async () => {
    const body = { padding: 'x'.repeat(2_097_152), vectors: [] };
    const found = JSON.stringify(body).length;
    expect(await send(`${host}/vectors/upsert`, 'POST', body)).toMatchObject(
      refusal(`message length too large: found ${found} bytes, the limit is: 2097152 bytes`, 11),
    );
  });

  test('a result above 4 MB', async () => {
    const heavy = index.namespace('heavy');
    for (let batch = 0; batch < 3; batch++) {
      const records = Array.from({ length: 50 }, (_, i) => ({
        id: `${batch}-${i}`,
        values: [1, 2, 3],
        metadata: { text: 'x'.repeat(30_000) },
      }));
      await heavy.upsert({ records });
    }
    const query = { vector: [1, 2, 3], topK: 150 };
    await expect(heavy.query({ ...query, includeMetadata: true })).rejects.toThrow(
      'exceeds the limit of 4194304 bytes',
    );
    expect((await heavy.query(query)).matches).toHaveLength(150);
    await heavy.deleteAll();
  });

  test.each([
    ['topK 0', { vector: [1, 2, 3], topK: 0 }, 'topK must be an integer from 1 to 10000'],
    ['topK 10,001', { vector: [1, 2, 3], topK: 10_001 }, 'topK must be an integer from 1 to 10000'],
    [
      'another dimension',
      { vector: [1, 2], topK: 1 },
      'Vector dimension 2 does not match the dimension of the index 3',
    ],
    ['both id and vector', { id: 'a', vector: [1, 2, 3], topK: 1 }, 'either id or vector'],
    ['neither id nor vector', { topK: 1 }, 'either id or vector'],
    [
      'a bad filter',
      { vector: [1, 2, 3], topK: 1, filter: { a: { $x: 1 } } },
      "'$x' is not a filter operator",
    ],
    [
      'a flag that is none',
      { vector: [1, 2, 3], topK: 1, includeValues: 'yes' },
      'includeValues must be true or false',
    ],
  ])('a query with %s', async (_, body, message) => {
    expect(await send(`${host}/query`, 'POST', body)).toMatchObject(refusal(message));
  });

  test.each([
    ['more than 1,000 ids', { ids: Array(1_001).fill('a') }, 'at most 1000, got 1001'],
    ['ids and a filter', { ids: ['a'], filter: { a: 1 } }, 'one of ids, filter and deleteAll'],
    ['nothing to go by', {}, 'one of ids, filter and deleteAll'],
    ['an empty filter', { filter: {} }, 'filter must not be empty'],
  ])('a delete with %s', async (_, body, message) => {
    expect(await send(`${host}/vectors/delete`, 'POST', body)).toMatchObject(refusal(message));
  });

  test.each([
    ['neither id nor filter', { setMetadata: { a: 1 } }, 'either id or filter'],
    ['nothing to change', { id: 'a' }, 'values or setMetadata'],
    ['values by filter', { filter: { a: 1 }, values: [1, 2, 3] }, 'cannot carry values'],
  ])('an update with %s', async (_, body, message) => {
    expect(await send(`${host}/vectors/update`, 'POST', body)).toMatchObject(refusal(message));
  });

  test.each([
    ['a limit of 0', 'limit=0', 'limit must be an integer from 1 to 100'],
    ['a limit of 101', 'limit=101', 'limit must be an integer from 1 to 100'],
    ['a foreign page token', 'paginationToken=xyz', 'Invalid pagination token'],
  ])('a listing with %s', async (_, params, message) => {
    expect(await send(`${host}/vectors/list?${params}`, 'GET')).toMatchObject(refusal(message));
  });

  test('any request to a missing index, and any that is no JSON', async () => {
    expect(await send(`${at.server.url}/data/nowhere/query`, 'POST', { topK: 1, vector: [1] })).toMatchObject(
      {
        status: 404,
        body: { code: 5, message: 'Resource nowhere not found', details: [] },
      },
    );
    expect(await send(`${host}/query`, 'POST', '{"topK":')).toMatchObject(
      refusal('the body is not valid JSON'),
    );
  });
});
