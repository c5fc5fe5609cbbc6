import { keyStoreContract } from '../contracts/key-store.ts';
import { makeMemoryKeyStore } from './key-store.ts';

keyStoreContract('the memory store', async () => ({ keys: makeMemoryKeyStore(), close: async () => {} }));
