import { expect, test } from 'vitest';
import { kindOf, makeServer } from '../../../lib/sampling/server.ts';

test.each([
  ['https://api.openai.com/v1', 'gpt-6-luna', 'openai'],
  ['https://us.api.openai.com/v1', 'gpt-6-luna', 'openai'],
  ['https://api.openai.com/v1', 'everytoken-ngram', 'openai'],
  ['http://127.0.0.1:4000/v1', 'everytoken-ngram', 'everytoken'],
  ['http://127.0.0.1:4000/v1', 'gpt-6-luna', 'other'],
  ['https://api.openai.com.example.net/v1', 'gpt-6-luna', 'other'],
  ['https://notapi.openai.com/v1', 'gpt-6-luna', 'other'],
  ['no address', 'gpt-6-luna', 'other'],
])('the server at %s is, for %s, of the kind %s', (baseUrl, model, kind) => {
  expect(kindOf(makeServer(baseUrl), model)).toBe(kind);
});
