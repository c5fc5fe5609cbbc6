import { describe, expect, test } from 'vitest';
import { configurationOf } from '../../../../lib/adapters/settings/configuration.ts';

const env = {
  TABLE_NAME: 'table',
  CONTENT_BUCKET: 'bucket',
  BUS_NAME: 'bus',
  JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
  INTAKE_QUEUE_URL: 'http://127.0.0.1/intake',
};

test('the configuration has a default for everything but resource names and secrets', () => {
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

test('a deployment is named by its table, unless it has a name of its own', () => {
  expect(configurationOf(env).deployment).toBe('table');
  expect(configurationOf({ ...env, DEPLOYMENT_ID: 'local-1' }).deployment).toBe('local-1');
  expect(() => configurationOf({ ...env, DEPLOYMENT_ID: 'é' })).toThrow(
    'DEPLOYMENT_ID must be 1 to 128 letters',
  );
});

test('an empty variable counts as missing', () => {
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

test('all problems are reported together, without any value', () => {
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

test('embeddings use the key and address of the model server unless they have their own', () => {
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

test('a secret given directly is used before the name of its parameter', () => {
  const both = { PINECONE_API_KEY: 'pk', PINECONE_API_KEY_PARAMETER: '/everytoken/pinecone' };
  expect(configurationOf({ ...env, ...both }).pinecone.apiKey).toEqual({ value: 'pk' });
  expect(configurationOf({ ...env, ...both, PINECONE_API_KEY: '' }).pinecone.apiKey).toEqual({
    parameter: '/everytoken/pinecone',
  });
});

test('allowed models are read as a list', () => {
  expect(configurationOf({ ...env, ALLOWED_MODELS: ' a, b ,,c' }).allowedModels).toEqual(['a', 'b', 'c']);
});

describe('`PROVIDERS`', () => {
  const of = (providers: unknown) =>
    configurationOf({ ...env, PROVIDERS: JSON.stringify(providers) }).providers;

  test('lists further model servers by name, each with a key, the name of its parameter, or none', () => {
    const providers = of({
      groq: { base_url: 'https://api.groq.com/openai/v1', api_key: 'a', api_key_parameter: '/b' },
      together: { base_url: 'https://api.together.xyz/v1', api_key_parameter: '/everytoken/together' },
      'own-gpu': { base_url: 'http://127.0.0.1:8000/v1', server: 'vllm' },
    });
    expect([...providers]).toEqual([
      ['groq', { baseUrl: 'https://api.groq.com/openai/v1', apiKey: { value: 'a' }, kind: undefined }],
      [
        'together',
        {
          baseUrl: 'https://api.together.xyz/v1',
          apiKey: { parameter: '/everytoken/together' },
          kind: undefined,
        },
      ],
      ['own-gpu', { baseUrl: 'http://127.0.0.1:8000/v1', apiKey: { value: 'none' }, kind: 'vllm' }],
    ]);
  });

  test('may set the API of the models of each', () => {
    const base_url = 'http://127.0.0.1:8000/v1';
    expect(of({ gpu: { base_url, api: 'responses' } }).get('gpu')).toMatchObject({ api: 'responses' });
    expect(() => of({ gpu: { base_url, api: 'chat' } })).toThrow('PROVIDERS.gpu.api');
  });

  test('lists none when left out', () => {
    expect(configurationOf(env)).toMatchObject({ providers: new Map(), catalogue: [], prices: {} });
  });
});

describe('MODEL_ALIASES', () => {
  test('map names to models, names of object members too', () => {
    const aliases = { 'gpt-4o-mini': 'everytoken-ngram', constructor: 'groq/llama' };
    const read = (value: unknown) => configurationOf({ ...env, MODEL_ALIASES: JSON.stringify(value) });
    expect(read(aliases).modelAliases).toEqual(new Map(Object.entries(aliases)));
    expect(configurationOf(env).modelAliases.size).toBe(0);
    expect(() => read({ 'gpt-4o-mini': '' })).toThrow('MODEL_ALIASES.gpt-4o-mini must not be empty');
  });
});

describe('MODEL_CATALOGUE', () => {
  test('is sorted so that the most specific pattern comes last', () => {
    const MODEL_CATALOGUE = JSON.stringify({
      'llama-3': { top_k: 'applied' },
      '*': { include_usage: 'refused' },
      'llama-*': { shutdown_date: null, extra: { min_p: 'applied' } },
    });
    const patterns = configurationOf({ ...env, MODEL_CATALOGUE }).catalogue.map(({ pattern }) => pattern);
    expect(patterns).toEqual(['*', 'llama-*', 'llama-3']);
  });
});

describe('`PRICES`', () => {
  test('price cached tokens like others unless stated otherwise', () => {
    const price = { input: 3, output: 15, source: 'our contract', as_of: '2026-11-01' };
    const PRICES = JSON.stringify({ 'groq/llama': price, luna: { ...price, cached: 0 } });
    expect(configurationOf({ ...env, PRICES }).prices).toEqual({
      'groq/llama': { ...price, cached: 3 },
      luna: { ...price, cached: 0 },
    });
  });
});

test('every problem of a variable that holds JSON is reported by its path, without its value', () => {
  const wrong = {
    ...env,
    PROVIDERS: JSON.stringify({
      'a/b': { base_url: 'https://example.com/v1' },
      default: { base_url: 'https://example.com/v1' },
      groq: { base_url: 'sk-secret', api_key: '' },
      mine: { base_url: 'file:///etc', api_kye: 'sk-secret', server: 'sk-secret' },
    }),
    MODEL_CATALOGUE: JSON.stringify({ 'a*b': {}, c: { top_k: 'sk-secret', shutdown_date: 'soon' } }),
    PRICES: JSON.stringify({ d: { input: -1, output: 'sk-secret', as_of: '2026' } }),
  };
  const messageOf = (variables: Record<string, string>) => {
    try {
      configurationOf(variables);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const message = messageOf(wrong);
  for (const place of [
    'PROVIDERS.a/b is not a valid provider name',
    'PROVIDERS.default is not a valid provider name',
    'PROVIDERS.groq.base_url must be a URL',
    'PROVIDERS.groq.api_key must not be empty',
    'PROVIDERS.mine.base_url',
    'PROVIDERS.mine.api_kye is not a known field',
    'PROVIDERS.mine.server',
    'MODEL_CATALOGUE.a*b may contain *',
    'MODEL_CATALOGUE.c.top_k',
    'MODEL_CATALOGUE.c.shutdown_date must be a date',
    'PRICES.d.input must not be below 0',
    'PRICES.d.output must be a number',
    'PRICES.d.source is required',
    'PRICES.d.as_of is required',
  ]) {
    expect(message).toContain(place);
  }
  expect(message).not.toContain('sk-secret');
  expect(messageOf({ ...env, PROVIDERS: '{"groq": sk-secret' })).toBe(
    'the environment variables are not valid: PROVIDERS is not JSON',
  );
});
