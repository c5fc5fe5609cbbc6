import { Errors } from '@pinecone-database/pinecone';
import { describe, expect, test } from 'vitest';
import { SERVERLESS, send, usePinecone } from './pinecone-fixture.ts';

const MANAGED = { deploymentType: 'managed', cloud: 'aws', region: 'eu-west-1' } as const;

describe('the control plane of the local Pinecone, through the official SDK,', () => {
  const at = usePinecone();

  test('creates an index from a schema that is ready at once', async () => {
    const made = await at.pc.indexes.create({
      name: 'with-schema',
      schema: { fields: { _values: { type: 'dense_vector', dimension: 1536, metric: 'cosine' } } },
      deployment: MANAGED,
      tags: { team: 'docs' },
      waitUntilReady: true,
      timeout: 5_000,
    });
    expect(made).toMatchObject({
      name: 'with-schema',
      status: { ready: true, state: 'Ready' },
      deployment: MANAGED,
      schema: { fields: { _values: { type: 'dense_vector', dimension: 1536, metric: 'cosine' } } },
      tags: { team: 'docs' },
      deletionProtection: 'disabled',
    });
    expect(made?.host.startsWith(`${at.server.url}/`)).toBe(true);
  });

  test('creates an index from the older form, with properties that the SDK can read', async () => {
    await at.pc.createIndex({ name: 'older-form', dimension: 3, metric: 'euclidean', spec: SERVERLESS });
    const index = await at.pc.describeIndex('older-form');
    expect([index.dimension, index.metric, index.vectorType]).toEqual([3, 'euclidean', 'dense']);
    expect(index.spec).toMatchObject({ serverless: { cloud: 'aws', region: 'us-east-1' } });
  });

  test('answers clients from before 2026-07 in their form, and accepts their bodies', async () => {
    const older = { 'X-Pinecone-Api-Version': '2026-04' };
    const body = { name: 'sdk-eight', dimension: 2, metric: 'dotproduct', spec: SERVERLESS };
    const made = await send(`${at.server.url}/indexes`, 'POST', body, older);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: 'sdk-eight',
      dimension: 2,
      metric: 'dotproduct',
      vector_type: 'dense',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1', read_capacity: { mode: 'OnDemand' } } },
      deletion_protection: 'disabled',
      status: { ready: true, state: 'Ready' },
    });
  });

  test('keeps the metadata fields that a client from before 2026-07 declares for filtering', async () => {
    const schema = { fields: { genre: { filterable: true } } };
    const spec = { serverless: { ...SERVERLESS.serverless, schema } };
    const body = { name: 'declared', dimension: 2, metric: 'cosine', spec };
    const older = { 'X-Pinecone-Api-Version': '2026-04' };
    const made = await send(`${at.server.url}/indexes`, 'POST', body, older);
    expect(made).toMatchObject({ status: 201, body: { spec: { serverless: { schema } } } });
    expect((await at.pc.indexes.describe('declared')).schema.fields).toEqual({
      genre: { filterable: true },
      _values: { type: 'dense_vector', dimension: 2, metric: 'cosine' },
    });
  });

  test('refuses a name that is taken with ALREADY_EXISTS', async () => {
    const options = { name: 'taken', dimension: 3, metric: 'cosine', spec: SERVERLESS } as const;
    await at.pc.indexes.create(options);
    await expect(at.pc.indexes.create(options)).rejects.toBeInstanceOf(Errors.PineconeConflictError);
    await expect(at.pc.indexes.create({ ...options, suppressConflicts: true })).resolves.toBeUndefined();
    const raw = await send(`${at.server.url}/indexes`, 'POST', options);
    expect(raw).toMatchObject({
      status: 409,
      body: { status: 409, error: { code: 'ALREADY_EXISTS', message: 'Resource already exists' } },
    });
  });

  test('lists every index', async () => {
    await at.pc.indexes.create({ name: 'listed', dimension: 3, metric: 'cosine', spec: SERVERLESS });
    const names = (await at.pc.indexes.list()).indexes?.map(({ name }) => name);
    expect(names).toContain('listed');
  });

  test('answers NOT_FOUND for a missing index to any request', async () => {
    await expect(at.pc.indexes.describe('nowhere')).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    await expect(at.pc.indexes.delete('nowhere')).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    const change = at.pc.indexes.configure('nowhere', { deletionProtection: 'enabled' });
    await expect(change).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
    expect(await send(`${at.server.url}/indexes/nowhere`, 'GET')).toMatchObject({
      status: 404,
      body: { status: 404, error: { code: 'NOT_FOUND', message: 'Resource nowhere not found' } },
    });
  });

  test('keeps a protected index until its protection is removed', async () => {
    await at.pc.indexes.create({
      name: 'guarded',
      dimension: 3,
      metric: 'cosine',
      spec: SERVERLESS,
      deletionProtection: 'enabled',
    });
    await expect(at.pc.indexes.delete('guarded')).rejects.toThrow('Deletion protection is enabled');
    await at.pc.indexes.configure('guarded', { deletionProtection: 'disabled' });
    await at.pc.indexes.delete('guarded');
    await expect(at.pc.indexes.describe('guarded')).rejects.toBeInstanceOf(Errors.PineconeNotFoundError);
  });

  test('adds, changes and (by an empty value) removes tags', async () => {
    const name = 'tagged';
    await at.pc.indexes.create({
      name,
      dimension: 3,
      metric: 'cosine',
      spec: SERVERLESS,
      tags: { a: '1', b: '2' },
    });
    await at.pc.indexes.configure(name, { tags: { a: '', b: '3', c: '4' } });
    expect((await at.pc.indexes.describe(name)).tags).toEqual({ b: '3', c: '4' });
  });

  test('forgets the vectors of a deleted index, also when its name is reused', async () => {
    const options = { name: 'again', dimension: 2, metric: 'cosine', spec: SERVERLESS } as const;
    await at.pc.indexes.create(options);
    await at.pc.index({ name: 'again' }).upsert({ records: [{ id: 'a', values: [1, 0] }] });
    await at.pc.indexes.delete('again');
    await at.pc.indexes.create(options);
    expect((await at.pc.index({ name: 'again' }).describeIndexStats()).totalRecordCount).toBe(0);
  });

  const sound = { name: 'sound', dimension: 3, metric: 'cosine', spec: SERVERLESS };
  test.each([
    ['a name with capitals', { ...sound, name: 'Sound' }, 'Name must be 1 to 45 characters'],
    ['a name of 46 characters', { ...sound, name: 'a'.repeat(46) }, 'Name must be 1 to 45 characters'],
    ['a dimension of 0', { ...sound, dimension: 0 }, 'dimension must be an integer from 1 to 20000'],
    [
      'a dimension of 20,001',
      { ...sound, dimension: 20_001 },
      'dimension must be an integer from 1 to 20000',
    ],
    ['an unknown metric', { ...sound, metric: 'manhattan' }, 'metric must be one of'],
    ['no place', { name: 'sound', dimension: 3 }, 'spec must be an object'],
    ['a pod', { ...sound, spec: { pod: {} } }, "'pod' is not supported in spec"],
    ['a sparse index', { ...sound, vector_type: 'sparse' }, "vector_type must be 'dense'"],
    ['a field it does not know', { ...sound, colour: 'red' }, "'colour' is not supported"],
    [
      'a schema of other fields',
      { name: 'sound', schema: { fields: { title: { type: 'string' } } } },
      "'title'",
    ],
    ['no JSON', '{"name": ', 'the body is not valid JSON'],
  ])('refuses %s with INVALID_ARGUMENT', async (_, body, message) => {
    const answer = await send(`${at.server.url}/indexes`, 'POST', body);
    expect(answer).toMatchObject({
      status: 400,
      body: { status: 400, error: { code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) } },
    });
  });

  test('refuses by name features of Pinecone that this server lacks', async () => {
    expect(await send(`${at.server.url}/collections`, 'GET')).toMatchObject({
      status: 501,
      body: { error: { code: 'UNIMPLEMENTED', message: 'The local server has no GET /collections' } },
    });
  });
});
