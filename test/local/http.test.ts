import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { listen } from '../../local/http.ts';

test('a server tells its clients that it keeps idle connections for ten minutes', async () => {
  const { url, close } = await listen(createServer((_, response) => response.end()));
  const { headers } = await fetch(url);
  expect(headers.get('keep-alive')).toBe('timeout=600');
  await close();
});
