import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { BROWSER_ARGS, findChromium } from '../../tools/browser.ts';
import { endAll, runStack, temporaryFolder } from '../e2e/stack-process.ts';
import { startHostileServer } from './hostile-server.ts';

/** Addresses of what the tests of pages share; null without a Chromium. */
export type SharedDashboard = {
  /** Of the page, with a slash at the end. */
  address: string;
  /** Of the browser's own protocol. */
  browser: string;
};

declare module 'vitest' {
  export interface ProvidedContext {
    dashboard: SharedDashboard | null;
  }
}

/** No hook limits it, as it would in a file of tests; packaging takes most of a first start. */
const START_LIMIT_MS = 180_000;

/** Starts one local stack and one browser for all tests of pages: each would take seconds for itself. */
export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    project.provide('dashboard', null);
    return undefined;
  }
  const hostile = await startHostileServer();
  const [stack, server] = await Promise.all([
    runStack(
      temporaryFolder(),
      {
        PROVIDERS: JSON.stringify({ hostile: { base_url: hostile.url, api_key: 'none' } }),
        PRICES: JSON.stringify({
          'everytoken-ngram': { input: 1, output: 2, source: 'the test', as_of: '2026-11-30' },
        }),
      },
      START_LIMIT_MS,
    ),
    chromium.launchServer({ executablePath, args: BROWSER_ARGS }),
  ]);
  const { dashboard } = stack.file;
  project.provide('dashboard', {
    address: dashboard.endsWith('/') ? dashboard : `${dashboard}/`,
    browser: server.wsEndpoint(),
  });
  return async () => {
    await server.close();
    await stack.interrupt();
    await hostile.close();
    endAll();
  };
};
