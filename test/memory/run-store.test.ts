import { runStoreContract } from '../contracts/run-store.ts';
import { makeMemoryDueIndex } from './due-index.ts';
import { makeMemoryRunStore } from './run-store.ts';

runStoreContract('the memory store', async () => {
  const runs = makeMemoryRunStore();
  return { runs, dueIndex: makeMemoryDueIndex([runs]), close: async () => {} };
});
