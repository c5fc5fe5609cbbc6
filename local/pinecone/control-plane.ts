import { Hono } from 'hono';
import { configured, describeIndex, type IndexDefinition, parseIndexDefinition } from './index-definition.ts';
import { PineconeError } from './pinecone-error.ts';
import { readJson } from './request-input.ts';
import type { VectorStore } from './vector-store.ts';

/** The routes of `/indexes`: create, list, describe, configure, delete. `hostOf` is the address of a data plane. */
export const controlPlane = (store: VectorStore, hostOf: (name: string) => string): Hono => {
  const app = new Hono();
  const described = (index: IndexDefinition, apiVersion: string | undefined): object =>
    describeIndex(index, hostOf(index.name), apiVersion);
  const version = (request: { header(name: string): string | undefined }): string | undefined =>
    request.header('x-pinecone-api-version');

  app.onError((error, c) => {
    if (error instanceof PineconeError) return c.json(error.toControlBody(), error.status);
    throw error;
  });
  app.post('/indexes', async (c) => {
    const index = store.create(parseIndexDefinition(await readJson(c.req)));
    return c.json(described(index, version(c.req)), 201);
  });
  app.get('/indexes', (c) =>
    c.json({ indexes: store.list().map((index) => described(index, version(c.req))) }),
  );
  app.get('/indexes/:name', (c) =>
    c.json(described(store.get(c.req.param('name')).definition, version(c.req))),
  );
  app.patch('/indexes/:name', async (c) => {
    const body = await readJson(c.req);
    const index = store.configure(c.req.param('name'), (before) => configured(before, body));
    return c.json(described(index, version(c.req)));
  });
  app.delete('/indexes/:name', (c) => {
    store.delete(c.req.param('name'));
    return c.body(null, 202);
  });
  app.all('*', (c) => {
    throw new PineconeError('UNIMPLEMENTED', `The local server has no ${c.req.method} ${c.req.path}`);
  });
  return app;
};
