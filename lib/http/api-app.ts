import type { Hono } from 'hono';
import type { Clock } from '../async/clock.ts';
import type { Log } from '../observe/log.ts';
import type { Authenticate } from './authenticate.ts';
import { closedBy, type Handlers, type HttpEnv, makeApp } from './base-app.ts';
import { type ComparisonRoutesDeps, comparisonRoutes } from './comparisons/routes.ts';
import { type FileRoutesDeps, fileRoutes } from './files/routes.ts';
import { type ModelRoutesDeps, modelRoutes } from './models/routes.ts';
import { openaiModelRoutes } from './openai/models.ts';
import type { RoutePath } from './routes.ts';
import { type RunRoutesDeps, runRoutes } from './runs/routes.ts';
import { type SearchRoutesDeps, searchRoutes } from './search/routes.ts';
import { type ServiceRoutesDeps, serviceRoutes } from './service/routes.ts';
import { type UsageRoutesDeps, usageRoutes } from './usage/routes.ts';

export type ApiAppDeps = RunRoutesDeps &
  ModelRoutesDeps &
  SearchRoutesDeps &
  UsageRoutesDeps &
  ServiceRoutesDeps & {
    comparisons: ComparisonRoutesDeps;
    files: FileRoutesDeps;
    authenticate: Authenticate;
    clock: Clock;
    log: Log;
  };

/** Everything of the API but POST /runs and POST /v1/chat/completions. */
export const makeApiApp = (deps: ApiAppDeps): Hono<HttpEnv> => {
  const closed = closedBy(deps.authenticate);
  const handlers: Handlers<RoutePath> = {
    ...runRoutes(deps, closed),
    ...modelRoutes(deps, closed),
    ...searchRoutes(deps, closed),
    ...comparisonRoutes(deps.comparisons, closed),
    ...fileRoutes(deps.files, closed),
    ...usageRoutes(deps, closed),
    ...openaiModelRoutes(deps, closed),
    '/v1/chat/completions': {}, // POST is the other app's
    ...serviceRoutes(deps),
  };
  return makeApp(handlers, deps);
};
