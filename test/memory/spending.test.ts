import { spendingContract } from '../contracts/spending.ts';
import { makeMemorySpending } from './spending.ts';

spendingContract('memory', async () => ({ ...makeMemorySpending(), close: async () => {} }));
