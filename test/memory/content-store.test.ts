import { contentStoreContract } from '../contracts/content-store.ts';
import { makeMemoryContent } from './content-store.ts';

contentStoreContract('the memory store', async () => {
  const content = makeMemoryContent();
  const { readSource, findSource } = content;
  return { content, readSource, findSource, close: async () => {} };
});
