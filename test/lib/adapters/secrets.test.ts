import { expect, test } from 'vitest';
import { makeSecret } from '../../../lib/adapters/secrets.ts';

test('a secret that is given is that, and a missing one names both ways to give it', async () => {
  expect(await makeSecret({ value: 'pk' }, 'PINECONE_API_KEY').read()).toBe('pk');
  await expect(makeSecret(undefined, 'PINECONE_API_KEY').read()).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringMatching(/PINECONE_API_KEY\b.*PINECONE_API_KEY_PARAMETER/),
  });
});
