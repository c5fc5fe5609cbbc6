import { limitsContract } from '../contracts/limits.ts';
import { makeMemoryLimits } from './limits.ts';

limitsContract('memory', async () => ({ ...makeMemoryLimits(), close: async () => {} }));
