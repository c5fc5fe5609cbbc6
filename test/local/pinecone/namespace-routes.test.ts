import { Errors, type Index } from '@pinecone-database/pinecone';
import { beforeAll, describe, expect, test } from 'vitest';
import { SERVERLESS, usePinecone } from './pinecone-fixture.ts';

describe('namespaces of the local Pinecone, through the official SDK,', () => {
  const at = usePinecone();
  let index: Index;

  beforeAll(async () => {
    await at.pc.indexes.create({ name: 'spaces', dimension: 2, metric: 'cosine', spec: SERVERLESS });
    index = at.pc.index({ name: 'spaces' });
    for (const namespace of ['m:one', 'm:two', 'm:three', 'other']) {
      await index.namespace(namespace).upsert({ records: [{ id: 'a', values: [1, 0] }] });
    }
  });

  test('are listed by prefix and by pages, with their counts', async () => {
    const first = await index.listNamespaces({ prefix: 'm:', limit: 2 });
    expect(first.namespaces?.map(({ name, recordCount }) => [name, recordCount])).toEqual([
      ['m:one', '1'],
      ['m:three', '1'],
    ]);
    expect(first.totalCount).toBe(3);
    const second = await index.listNamespaces({
      prefix: 'm:',
      limit: 2,
      paginationToken: first.pagination?.next ?? '',
    });
    expect(second.namespaces?.map(({ name }) => name)).toEqual(['m:two']);
    expect(second.pagination).toBeUndefined();
  });

  test('are created, described and deleted with all records', async () => {
    expect(await index.createNamespace({ name: 'made' })).toMatchObject({ name: 'made', recordCount: '0' });
    await expect(index.createNamespace({ name: 'made' })).rejects.toBeInstanceOf(
      Errors.PineconeConflictError,
    );
    await index.namespace('made').upsert({ records: [{ id: 'a', values: [1, 0] }] });
    expect(await index.describeNamespace('made')).toMatchObject({ name: 'made', recordCount: '1' });
    await index.deleteNamespace('made');
    await expect(index.describeNamespace('made')).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    await expect(index.deleteNamespace('made')).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    expect((await index.namespace('made').fetch({ ids: ['a'] })).records).toEqual({});
  });

  test('keep the fields that their creation declares for filtering', async () => {
    const schema = { fields: { genre: { filterable: true }, constructor: { filterable: true } } };
    const shown = { name: 'declared', recordCount: '0', schema };
    expect(await index.createNamespace({ name: 'declared', schema })).toMatchObject(shown);
    await index.namespace('declared').upsert({ records: [{ id: 'a', values: [1, 0] }] });
    const described = await index.describeNamespace('declared');
    expect(described).toMatchObject({ ...shown, recordCount: '1' });
    expect(described.indexedFields).toEqual({ fields: ['genre', 'constructor'] });
    const refused = index.createNamespace({ name: 'no', schema: { fields: { a: { filterable: false } } } });
    await expect(refused).rejects.toThrow("Field 'a' is set to filterable: false");
  });

  test('may have names that must be escaped in a URL', async () => {
    const name = 'prod/text-embedding-3-small:caller ü?';
    await index.namespace(name).upsert({ records: [{ id: 'a', values: [1, 0] }] });
    expect(await index.describeNamespace(name)).toMatchObject({ name, recordCount: '1' });
    expect((await index.namespace(name).listPaginated()).vectors).toEqual([{ id: 'a' }]);
    await index.deleteNamespace(name);
    expect((await index.listNamespaces({ prefix: 'prod/' })).namespaces).toEqual([]);
  });
});
