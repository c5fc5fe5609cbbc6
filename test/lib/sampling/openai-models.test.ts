import { expect, test } from 'vitest';
import { retiredModel, shutdownDate } from '../../../lib/sampling/openai-models.ts';

test.each([
  ['text-davinci-003', '2024-01-04'],
  ['text-davinci-002', '2024-01-04'],
  ['gpt-3.5-turbo-instruct', '2026-09-28'],
])('%s is retired since %s and has a replacement', (name, since) => {
  expect(retiredModel(name)).toEqual({ replacement: 'gpt-6-luna', since });
});

test.each(['gpt-6-luna', 'gpt-4o-mini', 'everytoken-ngram', 'text-embedding-3-small', ''])(
  '%j is not retired',
  (name) => {
    expect(retiredModel(name)).toBeUndefined();
  },
);

test('models with an announced shutdown have its day', () => {
  expect([shutdownDate('gpt-5-mini'), shutdownDate('gpt-4.1'), shutdownDate('gpt-6-luna')]).toEqual([
    '2026-12-11',
    '2027-01-14',
    undefined,
  ]);
});
