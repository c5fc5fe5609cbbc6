import { type Context, Hono } from 'hono';
import { describedFields, parseMetadataSchema } from './metadata-schema.ts';
import { cutPage, parsePageLimit, parsePageToken } from './page.ts';
import { PineconeError } from './pinecone-error.ts';
import { asObject, asString, parseNamespace, readJson } from './request-input.ts';
import type { DescribedNamespace, VectorIndex } from './vector-index.ts';

/** A namespace as the API shows it. The count is a string, the JSON form of a 64-bit integer in protobuf. */
const described = ({ name, count, filterable }: DescribedNamespace): object => ({
  name,
  record_count: String(count),
  ...(filterable && { schema: describedFields(filterable), indexed_fields: { fields: filterable } }),
});

const listNamespaces = (index: VectorIndex, params: URLSearchParams): object => {
  const limit = parsePageLimit(params.get('limit'));
  const after = parsePageToken(params.get('paginationToken'));
  const prefix = params.get('prefix') ?? '';
  const matching = index
    .namespaces()
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, next } = cutPage(
    matching.filter(({ name }) => name > after),
    limit,
    ({ name }) => name,
  );
  return { namespaces: items.map(described), ...next, total_count: matching.length };
};

const findNamespace = (index: VectorIndex, name: string): object => {
  const found = index.namespaces().find((namespace) => namespace.name === name);
  if (found === undefined) throw new PineconeError('NOT_FOUND', 'Namespace not found');
  return described(found);
};

/** The routes of an index's `/namespaces`: create, list (by prefix, in pages), describe, delete with all records. */
export const namespaceRoutes = (indexOf: (c: Context) => VectorIndex): Hono => {
  const app = new Hono();
  app.post('/', async (c) => {
    const body = asObject(await readJson(c.req), 'the body');
    const name = parseNamespace(asString(body.name, 'name') || undefined);
    const filterable = parseMetadataSchema(body.schema);
    const index = indexOf(c);
    index.createNamespace(name, filterable);
    return c.json(findNamespace(index, name));
  });
  app.get('/', (c) => c.json(listNamespaces(indexOf(c), new URL(c.req.url).searchParams)));
  app.get('/:namespace', (c) => c.json(findNamespace(indexOf(c), parseNamespace(c.req.param('namespace')))));
  app.delete('/:namespace', (c) => {
    indexOf(c).dropNamespace(parseNamespace(c.req.param('namespace')));
    return c.json({});
  });
  return app;
};
