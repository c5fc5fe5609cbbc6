import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindOf, makeRouteOf, makeServer, modelId } from '../../../lib/sampling/server.ts';

test.each([
  ['https://api.openai.com/v1', 'gpt-6-luna', 'openai'],
  ['https://us.api.openai.com/v1', 'gpt-6-luna', 'openai'],
  ['https://api.openai.com/v1', 'everytoken-ngram', 'openai'],
  ['http://127.0.0.1:4000/v1', 'everytoken-ngram', 'everytoken'],
  ['http://127.0.0.1:4000/v1', 'gpt-6-luna', 'other'],
  ['https://api.openai.com.example.net/v1', 'gpt-6-luna', 'other'],
  ['https://notapi.openai.com/v1', 'gpt-6-luna', 'other'],
  ['no address', 'gpt-6-luna', 'other'],
])('the server at %s with model %s is of kind %s', (baseUrl, model, kind) => {
  expect(kindOf(makeServer(baseUrl), model)).toBe(kind);
});

const standard = makeServer('https://api.openai.com/v1');
const groq = makeServer('https://api.groq.com/openai/v1');
const routeOf = makeRouteOf(standard, new Map([['groq', groq]]));

describe('the model name of a run', () => {
  test.each([
    ['gpt-6-luna', null, 'gpt-6-luna'],
    ['groq/llama-3.3-70b', 'groq', 'llama-3.3-70b'],
    ['groq/meta-llama/llama-4', 'groq', 'meta-llama/llama-4'],
    ['meta-llama/llama-4', null, 'meta-llama/llama-4'],
    ['Groq/llama', null, 'Groq/llama'],
    ['groq', null, 'groq'],
    ['groq/', null, 'groq/'],
    ['/groq/llama', null, '/groq/llama'],
    ['', null, ''],
  ])('named %j goes to provider %s as %j', (asked, provider, model) => {
    expect(routeOf(asked)).toEqual({ provider, server: provider === null ? standard : groq, model });
  });

  test('goes where the model goes that it is an alias of, and no further', () => {
    const aliases = new Map([
      ['gpt-4o-mini', 'groq/llama'],
      ['groq/llama', 'gpt-6-luna'],
    ]);
    const route = makeRouteOf(standard, new Map([['groq', groq]]), aliases);
    expect(route('gpt-4o-mini')).toEqual({ provider: 'groq', server: groq, model: 'llama' });
    expect(route('groq/llama')).toEqual({ provider: null, server: standard, model: 'gpt-6-luna' });
    expect(route('constructor')).toMatchObject({ provider: null, model: 'constructor' });
  });

  test('is routed back to itself by its modelId', () => {
    fc.assert(
      fc.property(fc.constantFrom(null, 'groq'), fc.string({ minLength: 1 }), (provider, model) => {
        fc.pre(provider !== null || !/^groq\/./s.test(model));
        expect(routeOf(modelId(provider, model))).toMatchObject({ provider, model });
      }),
      { numRuns: 100 },
    );
  });
});
