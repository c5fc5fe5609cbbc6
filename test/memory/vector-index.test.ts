import { CONTRACT_DIMENSION, vectorIndexContract } from '../contracts/vector-index.ts';
import { makeMemoryVectorIndex } from './vector-index.ts';

vectorIndexContract('the memory index', async () => ({
  index: makeMemoryVectorIndex({ dimension: CONTRACT_DIMENSION }),
  close: async () => {},
}));
