import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tools/verify/dynamodb-local/*.contract.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
