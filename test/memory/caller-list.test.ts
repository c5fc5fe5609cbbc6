import { callerListContract } from '../contracts/caller-list.ts';
import { makeMemoryCallerList } from './caller-list.ts';

callerListContract('the memory list', async () => ({
  callers: makeMemoryCallerList(),
  close: async () => {},
}));
