import { expect, test } from 'vitest';
import { checkSettings } from '../../../cli/start/check-settings.ts';

test.each([
  [{ PRICES: '{' }, /^PRICES is not JSON: write it as PRICES='\{.*\}' \(docs\/models.md\), or leave it out$/],
  [{ PROVIDERS: 'x' }, /^PROVIDERS is not JSON: write it as PROVIDERS=/],
  [{ MODEL_CATALOGUE: '[' }, /^MODEL_CATALOGUE is not JSON/],
  [{ PRICES: '{"a": {"input": 1}}' }, /^PRICES\.a\.output must be .*; PRICES\.a\.source is required/],
  [{ OPENAI_BASE_URL: 'x' }, /^OPENAI_BASE_URL must be a URL such as .*, or leave it out$/],
  [
    { PRICES: '{', KEPT_FOR_OTHERS_PERCENT: '91' },
    /PRICES is not JSON; KEPT_FOR_OTHERS_PERCENT must be 0 to 90/,
  ],
  [{ EVERYTOKEN_API_KEYS: `a:${'x'.repeat(20)},b:${'x'.repeat(20)}` }, /entry 2 repeats the secret/],
])('%j is refused in one line with what to write', (variables, message) => {
  expect(() => checkSettings(variables as Record<string, string>)).toThrow(message);
});

test('a secret in a wrong value is not in the message', () => {
  const PROVIDERS = '{"a": {"base_url": "sk-secret", "api_key": "sk-secret"}}';
  expect(() => checkSettings({ PROVIDERS })).toThrow(/^(?!.*sk-secret).*PROVIDERS\.a\.base_url/);
});

test('variables that are not of the stack are not looked at, and missing ones are the stack’s own to set', () => {
  expect(() => checkSettings({ WORKERS: 'x', QUEUE_URLS: '{', PORT: '3000' })).not.toThrow();
});
