import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkLanguageService,
  ownEmbeddingService,
  ownLanguageService,
  ownVectorService,
} from '../../local/outside-services.ts';
import { type ModelServer, startModelServer } from '../e2e/model-server.ts';

let withEmbeddings: ModelServer;
let without: ModelServer;
let locked: ModelServer;
beforeAll(async () => {
  withEmbeddings = await startModelServer({ dimensions: 8 });
  without = await startModelServer({ models: [] });
  locked = await startModelServer({ key: 'right', dimensions: 8 });
});
afterAll(async () => {
  await Promise.all([withEmbeddings, without, locked].map((server) => server.close()));
});

describe('the choice of services', () => {
  test('is the local ones when the user set neither key nor address', async () => {
    expect(ownLanguageService({})).toBeUndefined();
    expect(ownVectorService({})).toBeUndefined();
    expect(await ownEmbeddingService({}, undefined, 1536)).toBeUndefined();
  });

  test('is the vendor for a key alone, and a server without keys for an address alone', () => {
    expect(ownLanguageService({ OPENAI_API_KEY: 'k' })).toEqual({
      baseUrl: 'https://api.openai.com/v1',
      apiKey: 'k',
      model: 'gpt-6-luna',
    });
    const variables = { OPENAI_BASE_URL: without.url, DEFAULT_MODEL: 'mine' };
    expect(ownLanguageService(variables)).toMatchObject({ baseUrl: without.url, model: 'mine' });
    expect(ownVectorService({ PINECONE_API_KEY: 'k' })).toEqual({ apiKey: 'k', controllerHost: undefined });
    expect(ownVectorService({ PINECONE_CONTROLLER_HOST: 'http://x' })?.controllerHost).toBe('http://x');
  });
});

describe('the user’s model server', () => {
  test('may list no models and still serve any, but must list the default model if it lists any', async () => {
    await checkLanguageService({ baseUrl: without.url, apiKey: 'any', model: 'whatever' });
    await checkLanguageService({ baseUrl: withEmbeddings.url, apiKey: 'any', model: 'other-chat' });
    const missing = checkLanguageService({ baseUrl: withEmbeddings.url, apiKey: 'any', model: 'whatever' });
    await expect(missing).rejects.toThrow(/'whatever' is not on .* such as other-chat$/);
  });

  test('provides the embeddings when it has any', async () => {
    const of = (server: ModelServer) => ({ baseUrl: server.url, apiKey: 'any', model: 'other-chat' });
    const variables = { EMBEDDING_MODEL: 'small' };
    expect(await ownEmbeddingService(variables, of(withEmbeddings), 8)).toEqual({
      baseUrl: withEmbeddings.url,
      apiKey: 'any',
      model: 'small',
    });
    expect(await ownEmbeddingService(variables, of(without), 8)).toBeUndefined();
  });

  test('must return vectors of the configured size', async () => {
    const language = { baseUrl: withEmbeddings.url, apiKey: 'any', model: 'other-chat' };
    await expect(ownEmbeddingService({ EMBEDDING_MODEL: 'small' }, language, 1536)).rejects.toThrow(
      /have 8 dimensions, EMBEDDING_DIMENSIONS is 1536/,
    );
    // This model is requested with the size, so the size of its default answer does not matter.
    expect(await ownEmbeddingService({}, language, 1536)).toMatchObject({ model: 'text-embedding-3-small' });
  });
});

describe('an EMBEDDING_BASE_URL', () => {
  test('overrides the model server, with a key of its own', async () => {
    const language = { baseUrl: without.url, apiKey: 'other', model: 'x' };
    const variables = {
      EMBEDDING_BASE_URL: locked.url,
      EMBEDDING_API_KEY: 'right',
      EMBEDDING_MODEL: 'small',
    };
    expect(await ownEmbeddingService(variables, language, 8)).toEqual({
      baseUrl: locked.url,
      apiKey: 'right',
      model: 'small',
    });
  });

  test('must accept the key and have embeddings: there is no fallback to the local ones', async () => {
    const at = (EMBEDDING_BASE_URL: string) => ownEmbeddingService({ EMBEDDING_BASE_URL }, undefined, 8);
    await expect(at(locked.url)).rejects.toThrow(/refuses the key \(401\): put a valid EMBEDDING_API_KEY/);
    await expect(at(without.url)).rejects.toThrow(
      /has no embeddings of 'text-embedding-3-small' \(404\): set EMBEDDING_MODEL/,
    );
    await expect(at('not a URL')).rejects.toThrow(/cannot be reached .* check EMBEDDING_BASE_URL/);
  });
});
