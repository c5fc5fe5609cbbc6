import { defineConfig } from 'vitest/config';

// .ci/run names a file for the counts of the run; everyone else reads the default reporter.
const report = process.env.EVERYTOKEN_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make each other wait, and streams are paced by the clock.
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
