import { type Context, Hono } from 'hono';
import { namespaceRoutes } from './namespace-routes.ts';
import { PineconeError } from './pinecone-error.ts';
import { readJson } from './request-input.ts';
import { deleteVectors, updateVectors, upsertVectors } from './vector-changes.ts';
import type { VectorIndex } from './vector-index.ts';
import { queryVectors } from './vector-query.ts';
import { describeStats, fetchByMetadata, fetchVectors, listVectors } from './vector-reads.ts';
import type { VectorStore } from './vector-store.ts';

/**
 * The routes of every index's data plane, under `/data/{index}`.
 * A write answers with its log position in `x-pinecone-request-lsn`, a read with the position that it saw in
 * `x-pinecone-max-indexed-lsn`. Here a write is visible as soon as it is acknowledged, so a later read's position is
 * never below the write's. https://docs.pinecone.io/guides/index-data/check-data-freshness
 */
export const dataPlane = (store: VectorStore): Hono => {
  const app = new Hono();
  const indexOf = (c: Context): VectorIndex => store.get(c.req.param('index') ?? '');
  const path = (suffix: string): string => `/data/:index${suffix}`;

  const read = (
    suffix: string,
    answer: (index: VectorIndex, body: unknown) => object | Promise<object>,
  ): void => {
    app.post(path(suffix), async (c) => {
      const body = await readJson(c.req);
      c.header('x-pinecone-max-indexed-lsn', String(store.position()));
      return c.json(await answer(indexOf(c), body));
    });
  };
  const readByQuery = (
    suffix: string,
    answer: (index: VectorIndex, params: URLSearchParams) => object,
  ): void => {
    app.get(path(suffix), (c) => {
      c.header('x-pinecone-max-indexed-lsn', String(store.position()));
      return c.json(answer(indexOf(c), new URL(c.req.url).searchParams));
    });
  };
  const write = (suffix: string, answer: (index: VectorIndex, body: unknown) => object): void => {
    app.post(path(suffix), async (c) => {
      const body = await readJson(c.req);
      const result = answer(indexOf(c), body);
      c.header('x-pinecone-request-lsn', String(store.position()));
      return c.json(result);
    });
  };

  app.onError((error, c) => {
    if (error instanceof PineconeError) return c.json(error.toDataBody(), error.status);
    throw error;
  });
  write('/vectors/upsert', upsertVectors);
  write('/vectors/update', updateVectors);
  write('/vectors/delete', deleteVectors);
  read('/query', queryVectors);
  read('/vectors/fetch_by_metadata', fetchByMetadata);
  read('/describe_index_stats', describeStats);
  readByQuery('/vectors/fetch', fetchVectors);
  readByQuery('/vectors/list', listVectors);
  readByQuery('/describe_index_stats', (index) => describeStats(index, {}));
  app.route(path('/namespaces'), namespaceRoutes(indexOf));
  app.all('/data/*', (c) => {
    throw new PineconeError('UNIMPLEMENTED', `The local server has no ${c.req.method} ${c.req.path}`);
  });
  return app;
};
