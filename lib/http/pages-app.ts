import type { Hono } from 'hono';
import type { Clock } from '../async/clock.ts';
import type { Log } from '../observe/log.ts';
import { type HttpEnv, makeApp } from './base-app.ts';
import { type DashboardPageDeps, dashboardPage } from './service/dashboard-page.ts';
import { type DocsPageDeps, docsPage } from './service/docs-page.ts';

/** The app of pages for people. They need no key, and their function may call nothing. */
export const makePagesApp = (
  deps: DashboardPageDeps & DocsPageDeps & { clock: Clock; log: Log },
): Hono<HttpEnv> => makeApp({ ...dashboardPage(deps), ...docsPage(deps) }, deps);
