import { expect, test } from 'vitest';
import { tokenizerOf } from '../../../lib/timing/tokenizer-of.ts';

test.each([
  ...['gpt-4o', 'gpt-4o-mini-2024-07-18', 'chatgpt-4o-latest', 'gpt-4.1-nano', 'gpt-5', 'gpt-5.6-luna'],
  ...['gpt-6-luna-2026-10-01', 'o1', 'o3-mini', 'o4-mini', 'openai/gpt-4o', 'everytoken-ngram'],
])('%s has the tokens of o200k_base', (model) => {
  expect(tokenizerOf(model)).toBe('o200k_base');
});

test.each([
  ...['gpt-4', 'gpt-4-turbo', 'gpt-3.5-turbo', 'text-davinci-003', 'gpt-50', 'o30', 'llama-3', 'ogpt-4o'],
  ...['everytoken-ngram-2', 'mistral/gpt-4o', ''],
])('the tokenizer of %j is not known', (model) => {
  expect(tokenizerOf(model)).toBeUndefined();
});
