import { expect, test } from 'vitest';
import { headline } from '../../../cli/demo/headline.ts';

const local = { openai: undefined, embeddings: undefined, pinecone: undefined, aws: [] };

test('all local is one line that says what the model is', () => {
  expect(headline(local, 90)).toEqual([
    'everytoken demo · local n-gram model, not an LLM · pace simulated at 90 tokens/s',
  ]);
  expect(headline(local, 0)).toEqual(['everytoken demo · local n-gram model, not an LLM · unpaced']);
});

test('services of the user are named part by part, with what they may cost', () => {
  const [first, ...rest] = headline(
    { ...local, openai: 'https://api.openai.com/v1', pinecone: 'https://api.pinecone.io' },
    90,
  );
  expect(first).toBe('everytoken demo · model at api.openai.com');
  expect(rest).toContain('pinecone     https://api.pinecone.io');
  expect(rest).toContain('aws          local');
  expect(rest.at(-1)).toMatch(/may charge you/);
});

test('with only Pinecone the model is still called what it is', () => {
  const lines = headline({ ...local, pinecone: 'https://api.pinecone.io' }, 90);
  expect(lines[0]).toMatch(/not an LLM/);
  expect(lines.at(-1)).toMatch(/may charge you/);
});
