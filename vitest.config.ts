import { relative, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Tests start hundreds of processes of the same modules: reading their compiled code takes half the time of compiling it.
process.env.NODE_COMPILE_CACHE ??= resolve(import.meta.dirname, 'node_modules/.cache/everytoken/node');

// .ci/run names a file for the counts of the run; everyone else reads the default reporter.
const report = process.env.EVERYTOKEN_TEST_REPORT;

/** Files that take more than a minute: begun last, one would keep a core busy while the other has nothing left to do. */
const LONGEST = ['test/crash/every-effect.test.ts', 'test/iam/permissions.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(import.meta.dirname, moduleId));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

/**
 * Tests of the domain on ports in memory, and of parts on servers of their own. They change nothing that is shared in a
 * process but its environment, which is restored after each file, so files can share modules.
 */
const DOMAIN = [
  'test/{client,contracts,crash,docs,lib,local,memory,observe,reliability,report,tools}/**/*.test.ts',
  'test/cli/{terminal,start}/**/*.test.ts',
  'test/functions/{compose/**/*,local-model}.test.ts',
  'test/iam/{aws-calls,deployer,findings,policies}.test.ts',
];

/** Tests of the dashboard in Chromium, which share one local stack and one browser. */
const PAGES = ['test/dashboard/{pages,shell}/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      // Loading the same modules for each file anew takes longer than most of its tests.
      {
        extends: true,
        test: {
          ...{ name: 'domain', include: DOMAIN, isolate: false },
          setupFiles: 'test/fixtures/after-each-file.ts',
        },
      },
      {
        extends: true,
        test: { name: 'rest', include: ['test/**/*.test.ts'], exclude: [...DOMAIN, ...PAGES] },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          include: PAGES,
          globalSetup: 'test/dashboard/start-dashboard.ts',
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
    // Where many programs share the cores, tests of processes take several times as long.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // One more than the cores of the machine that checks changes: many tests wait for processes and paced streams.
    // Four shorten a whole run by 4 % alone.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
