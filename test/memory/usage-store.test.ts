import { usageStoreContract } from '../contracts/usage-store.ts';
import { makeMemoryDueIndex } from './due-index.ts';
import { makeMemoryUsageStore } from './usage-store.ts';

usageStoreContract('the memory store', async () => {
  const totals = makeMemoryUsageStore();
  return { totals, dueIndex: makeMemoryDueIndex([totals]), close: async () => {} };
});
