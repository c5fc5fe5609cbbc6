import { expect, test } from 'vitest';
import { configurationOf } from '../../../lib/adapters/configuration.ts';

const env = {
  TABLE_NAME: 'table',
  CONTENT_BUCKET: 'bucket',
  BUS_NAME: 'bus',
  JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
  INTAKE_QUEUE_URL: 'http://127.0.0.1/intake',
};

test('has a default for everything but names of resources, and no secret', () => {
  const configuration = configurationOf(env);
  expect(configuration).toMatchObject({
    defaultModel: 'gpt-6-luna',
    embedding: { model: 'text-embedding-3-small', dimensions: 1536 },
    pinecone: { index: 'autogen-text', namespacePrefix: '' },
  });
  for (const secret of [
    configuration.openai.apiKey,
    configuration.embedding.apiKey,
    configuration.pinecone.apiKey,
    configuration.retentionDays,
    configuration.allowedModels,
  ]) {
    expect(secret).toBeUndefined();
  }
});

test('takes an empty variable for a missing one', () => {
  expect(
    configurationOf({
      ...env,
      DEFAULT_MODEL: '',
      RETENTION_DAYS: '',
      OPENAI_BASE_URL: '',
      OPENAI_API_KEY: '',
    }),
  ).toEqual(configurationOf(env));
});

test('names all that is wrong at once, without any value', () => {
  const wrong = {
    ...env,
    TABLE_NAME: '',
    OPENAI_BASE_URL: 'not a url',
    EMBEDDING_DIMENSIONS: 'many',
    RETENTION_DAYS: '-1',
    OPENAI_API_KEY: 'sk-secret',
  };
  expect(() => configurationOf(wrong)).toThrow(
    expect.objectContaining({ name: 'ConfigurationError', retryable: false }),
  );
  try {
    configurationOf(wrong);
  } catch (error) {
    const { message } = error as Error;
    for (const name of ['TABLE_NAME', 'OPENAI_BASE_URL', 'EMBEDDING_DIMENSIONS', 'RETENTION_DAYS'])
      expect(message).toContain(name);
    expect(message).not.toContain('sk-secret');
    expect(message).not.toContain('BUS_NAME');
  }
});

test('embeds with the key and address of the model server unless it has its own', () => {
  const openai = { OPENAI_API_KEY: 'a', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' };
  expect(configurationOf({ ...env, ...openai }).embedding).toMatchObject({
    apiKey: { value: 'a' },
    baseUrl: 'http://127.0.0.1:1/v1',
  });
  const own = { EMBEDDING_API_KEY: 'b', EMBEDDING_BASE_URL: 'http://127.0.0.1:2/v1' };
  expect(configurationOf({ ...env, ...openai, ...own }).embedding).toMatchObject({
    apiKey: { value: 'b' },
    baseUrl: 'http://127.0.0.1:2/v1',
  });
});

test('takes a secret itself before the name of its parameter', () => {
  const both = { PINECONE_API_KEY: 'pk', PINECONE_API_KEY_PARAMETER: '/everytoken/pinecone' };
  expect(configurationOf({ ...env, ...both }).pinecone.apiKey).toEqual({ value: 'pk' });
  expect(configurationOf({ ...env, ...both, PINECONE_API_KEY: '' }).pinecone.apiKey).toEqual({
    parameter: '/everytoken/pinecone',
  });
});

test('reads allowed models as a list', () => {
  expect(configurationOf({ ...env, ALLOWED_MODELS: ' a, b ,,c' }).allowedModels).toEqual(['a', 'b', 'c']);
});
