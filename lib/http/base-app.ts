import { type Context, Hono } from 'hono';
import type { Clock } from '../async/clock.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { runIdInPath } from '../runs/about-run.ts';
import type { Access, Admitted, Authenticate } from './authenticate.ts';
import { openaiErrorResponse } from './openai/openai-error.ts';
import { makeProblem, type ProblemAnswer, problemOf, problemResponse } from './problem.ts';
import {
  allowedMethods,
  honoPath,
  isOpenAIPath,
  type MethodAt,
  type PathAt,
  ROUTES,
  type RoutePath,
} from './routes.ts';

/**
 * Passed to an app by its adapter, next to the request. `waitUntil` keeps the invocation alive until a promise settles,
 * even after the response is sent. `event` is the gateway's, for `pathPrefix`.
 */
export type HttpBindings = {
  event?: { path: string; requestContext: { path?: string | undefined } };
  lambdaContext?: unknown;
  waitUntil?: (promise: Promise<unknown>) => void;
};

export type HttpEnv = {
  Bindings: HttpBindings;
  Variables: { runId?: string; acceptMs?: number };
};

export type HttpContext = Context<HttpEnv>;
export type Handler = (c: HttpContext) => Promise<Response> | Response;

/**
 * Wraps a handler so that it receives the caller; a request without a valid key is refused before it runs, and so is one
 * with an operator's key unless `admitted` has operators.
 */
export type WithCaller = (
  handler: (c: HttpContext, caller: string, access: Access) => Promise<Response>,
  admitted?: Admitted,
) => Handler;

/** Handlers of these paths and all paths below. An app may leave methods to the other app, but no path. */
export type Handlers<Top extends RoutePath> = {
  [Path in PathAt<Top>]: Partial<Record<MethodAt<Path>, Handler>>;
};

export const withCallerBy =
  (authenticate: Authenticate): WithCaller =>
  (handler, admitted) =>
  async (c) => {
    const access = await authenticate(c.req.raw.headers, admitted);
    return handler(c, access.caller, access);
  };

/**
 * Builds an app of some routes with everything that routes share: errors as problem responses, 404 and 405,
 * `x-everytoken-run-id`, and `Server-Timing` (`accept`: until the run was accepted; `total`: until the response began).
 */
export const makeApp = (
  served: Partial<Handlers<RoutePath>>,
  { clock, log }: { clock: Clock; log: Log },
): Hono<HttpEnv> => {
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    const startedAt = clock.monotonic();
    await next();
    label(c, clock.monotonic() - startedAt);
  });
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const handlers = served[path];
    if (!handlers) continue;
    for (const [method, handler] of Object.entries(handlers)) app.on(method, honoPath(path), handler);
    app.all(honoPath(path), (c) => refuseMethod(c, allowedMethods(path)));
  }
  app.notFound(unknownRoute);
  app.onError((error, c) => {
    const answer = problemOf(error);
    if (answer.problem.status >= 500) logFailure(error, c, log);
    return refuse(c, answer);
  });
  return app;
};

/**
 * The prefix of our paths in a client's URL: the stage (`/dev`) or a custom domain's base path, `''` without one. API
 * Gateway's event has `path` without the prefix and `requestContext.path` with it.
 */
export const pathPrefix = (bindings: HttpBindings | undefined): string => {
  const path = bindings?.event?.path ?? '/';
  const inner = path === '/' ? '' : path;
  const outer = (bindings?.event?.requestContext.path ?? path).replace(/\/$/, '');
  return outer.endsWith(inner) ? outer.slice(0, outer.length - inner.length) : '';
};

/** The `{id}` segment of a path. */
export const idOf = (c: HttpContext): string => c.req.param('id') ?? '';

/** An error response in the format of the path: OpenAI's errors below /v1, else RFC 9457 problems. */
const refuse = (c: HttpContext, answer: ProblemAnswer): Response =>
  isOpenAIPath(c.req.path) ? openaiErrorResponse(answer) : problemResponse(answer);

const label = (c: HttpContext, totalMs: number): void => {
  const { runId, acceptMs } = c.var;
  if (runId !== undefined) c.res.headers.set('x-everytoken-run-id', runId);
  // OpenAI's SDKs show this header as the request id.
  if (runId !== undefined && isOpenAIPath(c.req.path)) c.res.headers.set('x-request-id', runId);
  const accept = acceptMs === undefined ? '' : `accept;dur=${acceptMs.toFixed(1)}, `;
  c.res.headers.set('server-timing', `${accept}total;dur=${totalMs.toFixed(1)}`);
  c.res.headers.set('x-content-type-options', 'nosniff');
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
};

const unknownRoute = (c: HttpContext): Response => {
  const what = `there is no route ${c.req.method} ${c.req.path}; see /openapi.json for all routes`;
  return refuse(c, { problem: makeProblem('unknown_route', what), headers: {} });
};

/** A method that the API has at this path was routed to the wrong function, so it is a 404 and not a 405. */
const refuseMethod = (c: HttpContext, allowed: string[]): Response =>
  allowed.includes(c.req.method)
    ? unknownRoute(c)
    : refuse(c, {
        problem: makeProblem(
          'method_not_allowed',
          `${c.req.path} does not accept ${c.req.method}; use ${allowed.join(', ')}`,
        ),
        headers: { allow: allowed.join(', ') },
      });

const logFailure = (error: unknown, c: HttpContext, log: Log): void => {
  log.error('http.failed', {
    method: c.req.method,
    path: c.req.path,
    run_id: c.var.runId ?? runIdInPath(c.req.path),
    ...errorFields(error),
  });
};
