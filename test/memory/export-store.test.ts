import { exportStoreContract } from '../contracts/export-store.ts';
import { makeMemoryDueIndex } from './due-index.ts';
import { makeMemoryExportStore } from './export-store.ts';

exportStoreContract('the memory store', async () => {
  const exports = makeMemoryExportStore();
  return { exports, dueIndex: makeMemoryDueIndex([exports]), close: async () => {} };
});
