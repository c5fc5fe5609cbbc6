/**
 * What an adapter hands to an app beside the request. `waitUntil` keeps the invocation alive until a promise has
 * settled, also after the answer is out; `event` tells the stage.
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

/**
 * What a client has to put before our paths: the stage (`/dev`), or a custom domain's base path; `''` where there is
 * none. The gateway gives the handler `path` without it and `requestContext.path` with it.
 */
export const pathPrefix = (bindings: HttpBindings | undefined): string => {
  const path = bindings?.event?.path ?? '/';
  const inner = path === '/' ? '' : path;
  const outer = (bindings?.event?.requestContext.path ?? path).replace(/\/$/, '');
  return outer.endsWith(inner) ? outer.slice(0, outer.length - inner.length) : '';
};
