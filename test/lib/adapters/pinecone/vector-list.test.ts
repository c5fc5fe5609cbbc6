import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { makePineconeIndex } from '../../../../lib/adapters/pinecone/vector-index.ts';
import { makePineconeVectorList } from '../../../../lib/adapters/pinecone/vector-list.ts';
import { startPinecone } from '../../../../local/pinecone/server.ts';

test('an index lists its namespaces with their numbers of vectors, and all their ids over several pages; a missing index lists nothing', async () => {
  const server = await startPinecone({ file: ':memory:' });
  const options = { apiKey: server.apiKey, controllerHost: server.url, indexName: 'texts' };
  try {
    expect(await makePineconeVectorList(options).namespaces()).toEqual([]);
    const index = makePineconeIndex({ ...options, dimension: 2 });
    const ids = Array.from({ length: 230 }, (_, at) => `run_1#${String(at).padStart(3, '0')}#0`);
    const records = ids.map((id) => ({ id, values: Float32Array.from([1, 0]), metadata: {} }));
    await index.upsert('model:one', records);
    await index.upsert('model:two', records.slice(0, 1));

    const list = makePineconeVectorList(options);
    const counted = (await list.namespaces()).sort((a, b) => b.vectors - a.vectors);
    expect(counted).toEqual([
      { name: 'model:one', vectors: 230 },
      { name: 'model:two', vectors: 1 },
    ]);
    const pages: string[][] = [];
    for await (const page of list.ids('model:one')) pages.push(page);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().sort()).toEqual(ids);
    for await (const page of list.ids('model:none')) expect(page).toEqual([]);
  } finally {
    await server.close();
  }
});

test('an index that is created later, or was out of reach at first, is found by the next call', async () => {
  const server = await startPinecone({ file: ':memory:' });
  const options = { apiKey: server.apiKey, controllerHost: server.url, indexName: 'texts' };
  try {
    const list = makePineconeVectorList(options);
    expect(await list.namespaces()).toEqual([]);
    const index = makePineconeIndex({ ...options, dimension: 1 });
    await index.upsert('one', [{ id: 'a', values: Float32Array.of(1), metadata: {} }]);
    expect(await list.namespaces()).toEqual([{ name: 'one', vectors: 1 }]);
  } finally {
    await server.close();
  }

  const statuses = [403, 404];
  const refusing = createServer((_, response) => response.writeHead(statuses.shift() ?? 404).end('{}'));
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  const { port } = refusing.address() as AddressInfo;
  try {
    const list = makePineconeVectorList({ ...options, controllerHost: `http://127.0.0.1:${port}` });
    await expect(list.namespaces()).rejects.toMatchObject({ code: 'pinecone_key_refused' });
    expect(await list.namespaces()).toEqual([]);
  } finally {
    refusing.close();
  }
});
