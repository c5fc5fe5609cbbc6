import { contentStoreContract } from '../contracts/content-store.ts';
import { makeMemoryContent } from './content-store.ts';

contentStoreContract('the memory store', async () => {
  const content = makeMemoryContent();
  return { content, readSource: content.readSource, close: async () => {} };
});
