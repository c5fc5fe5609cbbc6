import type { Hono } from 'hono';
import type { Clock } from '../async/clock.ts';
import type { Log } from '../observe/log.ts';
import type { Authenticate } from './authenticate.ts';
import { type Handlers, type HttpEnv, makeApp, withCallerBy } from './base-app.ts';
import { type ComparisonRoutesDeps, comparisonRoutes } from './comparisons/routes.ts';
import { type ExportRoutesDeps, exportRoutes } from './exports/routes.ts';
import { type FileRoutesDeps, fileRoutes } from './files/routes.ts';
import { type ModelRoutesDeps, modelRoutes } from './models/routes.ts';
import { type BatchRoutesDeps, batchRoutes } from './openai/batches/routes.ts';
import { type EmbeddingsRouteDeps, embeddingsRoutes } from './openai/embeddings.ts';
import { openaiModelRoutes } from './openai/models.ts';
import { type ResponseRoutesDeps, responseRoutes } from './openai/responses/routes.ts';
import { type OperatorRoutesDeps, operatorRoutes } from './operator/routes.ts';
import type { RoutePath } from './routes.ts';
import { type RunRoutesDeps, runRoutes } from './runs/routes.ts';
import { type SearchRoutesDeps, searchRoutes } from './search/routes.ts';
import { type ServiceRoutesDeps, serviceRoutes } from './service/routes.ts';
import { type UsageRoutesDeps, usageRoutes } from './usage/routes.ts';

export type ApiAppDeps = RunRoutesDeps &
  ModelRoutesDeps &
  SearchRoutesDeps &
  EmbeddingsRouteDeps &
  ResponseRoutesDeps &
  UsageRoutesDeps &
  OperatorRoutesDeps &
  ServiceRoutesDeps & {
    comparisons: ComparisonRoutesDeps;
    files: FileRoutesDeps;
    exports: ExportRoutesDeps;
    batchApi: BatchRoutesDeps;
    authenticate: Authenticate;
    clock: Clock;
    log: Log;
  };

/**
 * The app of every route except those that generate, which `makeGenerateApp` serves, and the reads that may take long, of
 * `makeReadApp`.
 *
 * @example
 * const app = makeApiApp({ ...apiUseCases(deps), authenticate, listModels, health, clock, log });
 * const response = await app.fetch(new Request('https://example.com/runs'));
 */
export const makeApiApp = (deps: ApiAppDeps): Hono<HttpEnv> => {
  const withCaller = withCallerBy(deps.authenticate);
  const handlers: Handlers<RoutePath> = {
    ...runRoutes(deps, withCaller),
    ...modelRoutes(deps, withCaller),
    ...searchRoutes(deps, withCaller),
    ...comparisonRoutes(deps.comparisons, withCaller),
    ...fileRoutes(deps.files, withCaller),
    ...exportRoutes(deps.exports, withCaller),
    ...usageRoutes(deps, withCaller),
    ...operatorRoutes(deps, withCaller),
    ...openaiModelRoutes(deps, withCaller),
    ...embeddingsRoutes(deps, withCaller),
    ...responseRoutes(deps, withCaller),
    ...batchRoutes(deps.batchApi, withCaller),
    '/v1/chat/completions': {}, // `makeGenerateApp` serves POST
    '/v1/completions': {},
    ...serviceRoutes(deps),
    '/': {}, // the app of pages serves these
    '/assets/{asset}': {},
    '/docs': {},
    '/docs/{asset}': {},
  };
  return makeApp(handlers, deps);
};
