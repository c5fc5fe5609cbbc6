import { Errors, type Index, type Pinecone } from '@pinecone-database/pinecone';
import { beforeAll, describe, expect, test } from 'vitest';
import { pineconeOf } from './stack-clients.ts';
import type { RunningStack } from './stack-process.ts';

const records = [
  { id: 'doc#1', values: [1, 0, 0], metadata: { team: 'docs', e2e_ms: 900 } },
  { id: 'doc#2', values: [1, 1, 0], metadata: { team: 'docs', e2e_ms: 1500 } },
  { id: 'ad#1', values: [1, 0, 0.1], metadata: { team: 'ads', e2e_ms: 800 } },
];

export const describePinecone = (stack: () => RunningStack) =>
  describe('the official Pinecone SDK, at the address in stack.json', () => {
    let pinecone: Pinecone;
    let index: Index;
    beforeAll(async () => {
      pinecone = pineconeOf(stack().file);
      await pinecone.indexes.create({
        name: 'e2e',
        dimension: 3,
        metric: 'cosine',
        spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
        waitUntilReady: true,
      });
      index = pinecone.index({ name: 'e2e', namespace: 'shelf' });
      await index.upsert({ records });
    });

    test('finds the index that was created next to the stack’s own', async () => {
      const description = await pinecone.indexes.describe('e2e');
      expect(description.status.ready).toBe(true);
      const names = ((await pinecone.indexes.list()).indexes ?? []).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['e2e', stack().file.index]));
    });

    test('finds the nearest vectors that match a filter', async () => {
      const query = { vector: [1, 0, 0], topK: 2, includeMetadata: true };
      const all = await index.query(query);
      expect(all.matches.map(({ id }) => id)).toEqual(['doc#1', 'ad#1']);
      const filter = { $and: [{ team: { $eq: 'docs' } }, { e2e_ms: { $lt: 1000 } }] };
      expect((await index.query({ ...query, filter })).matches).toEqual([
        { id: 'doc#1', score: 1, values: [], metadata: { team: 'docs', e2e_ms: 900 } },
      ]);
    });

    test('fetches, lists by prefix, and counts', async () => {
      expect((await index.fetch({ ids: ['doc#2', 'none'] })).records).toEqual({
        'doc#2': expect.objectContaining({ values: [1, 1, 0], metadata: { team: 'docs', e2e_ms: 1500 } }),
      });
      const { vectors = [] } = await index.listPaginated({ prefix: 'doc#' });
      expect(vectors.map(({ id }) => id)).toEqual(['doc#1', 'doc#2']);
      const stats = await index.describeIndexStats();
      expect(stats).toMatchObject({
        dimension: 3,
        totalRecordCount: 3,
        namespaces: { shelf: { recordCount: 3 } },
      });
    });

    test('updates metadata, deletes by filter, and deletes the index', async () => {
      await index.update({ id: 'ad#1', metadata: { team: 'docs' } });
      expect((await index.fetch({ ids: ['ad#1'] })).records['ad#1']?.metadata).toEqual({
        team: 'docs',
        e2e_ms: 800,
      });
      await index.deleteMany({ filter: { e2e_ms: { $gte: 900 } } });
      expect((await index.listPaginated()).vectors?.map(({ id }) => id)).toEqual(['ad#1']);
      await pinecone.indexes.delete('e2e');
      await expect(pinecone.indexes.describe('e2e')).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    });
  });
