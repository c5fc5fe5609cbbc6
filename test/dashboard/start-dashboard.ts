import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { findChromium } from '../../tools/browser.ts';
import { endAll, runStack } from '../e2e/stack-process.ts';

/** Addresses of what the tests of pages share; null without a Chromium. */
export type SharedDashboard = {
  /** Of the page, with a slash at the end. */
  address: string;
  /** Of the browser's own protocol. */
  browser: string;
  dataDir: string;
};

declare module 'vitest' {
  export interface ProvidedContext {
    dashboard: SharedDashboard | null;
  }
}

/** Starts one local stack and one browser for all tests of pages: each would take seconds for itself. */
export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    project.provide('dashboard', null);
    return undefined;
  }
  const [stack, server] = await Promise.all([
    runStack(),
    chromium.launchServer({ executablePath, args: ['--no-sandbox'] }),
  ]);
  const { dashboard } = stack.file;
  project.provide('dashboard', {
    address: dashboard.endsWith('/') ? dashboard : `${dashboard}/`,
    browser: server.wsEndpoint(),
    dataDir: stack.dataDir,
  });
  return async () => {
    await server.close();
    await stack.interrupt();
    endAll();
  };
};
