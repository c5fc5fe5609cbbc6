import { runListContract } from '../contracts/run-list.ts';
import { makeMemoryRunList } from './run-list.ts';
import { makeMemoryRunStore } from './run-store.ts';

runListContract('the memory list', async () => ({
  runs: makeMemoryRunStore(),
  list: makeMemoryRunList(),
  close: async () => {},
}));
