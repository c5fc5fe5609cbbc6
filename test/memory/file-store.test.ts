import { fileStoreContract } from '../contracts/file-store.ts';
import { makeMemoryDueIndex } from './due-index.ts';
import { makeMemoryFileStore } from './file-store.ts';

fileStoreContract('the memory store', async () => {
  const files = makeMemoryFileStore();
  return { files, dueIndex: makeMemoryDueIndex([files]), close: async () => {} };
});
