/** Every route of the API, whichever function serves it. `{…}` is one path segment; `isOpen` routes need no key. */
export const ROUTES = [
  { method: 'POST', path: '/runs', isOpen: false },
  { method: 'GET', path: '/runs', isOpen: false },
  { method: 'GET', path: '/runs/{id}', isOpen: false },
  { method: 'DELETE', path: '/runs/{id}', isOpen: false },
  { method: 'POST', path: '/runs/{id}/cancel', isOpen: false },
  { method: 'GET', path: '/runs/{id}/generations/{index}', isOpen: false },
  { method: 'GET', path: '/runs/{id}/generations/{index}/trace', isOpen: false },
  { method: 'GET', path: '/models', isOpen: false },
  { method: 'POST', path: '/search', isOpen: false },
  { method: 'POST', path: '/comparisons', isOpen: false },
  { method: 'GET', path: '/comparisons', isOpen: false },
  // Before {id}, which would match it.
  { method: 'POST', path: '/comparisons/estimate', isOpen: false },
  { method: 'GET', path: '/comparisons/{id}', isOpen: false },
  { method: 'DELETE', path: '/comparisons/{id}', isOpen: false },
  { method: 'POST', path: '/comparisons/{id}/cancel', isOpen: false },
  { method: 'POST', path: '/files', isOpen: false },
  { method: 'GET', path: '/files', isOpen: false },
  // Before {id}, which would match it.
  { method: 'POST', path: '/files/estimate', isOpen: false },
  { method: 'GET', path: '/files/{id}', isOpen: false },
  { method: 'DELETE', path: '/files/{id}', isOpen: false },
  { method: 'POST', path: '/files/{id}/results', isOpen: false },
  { method: 'POST', path: '/files/{id}/retry', isOpen: false },
  { method: 'POST', path: '/exports', isOpen: false },
  { method: 'GET', path: '/exports', isOpen: false },
  { method: 'GET', path: '/exports/{id}', isOpen: false },
  { method: 'DELETE', path: '/exports/{id}', isOpen: false },
  { method: 'GET', path: '/usage', isOpen: false },
  { method: 'GET', path: '/callers', isOpen: false },
  { method: 'GET', path: '/operations', isOpen: false },
  { method: 'POST', path: '/v1/chat/completions', isOpen: false },
  { method: 'POST', path: '/v1/completions', isOpen: false },
  { method: 'POST', path: '/v1/responses', isOpen: false },
  { method: 'GET', path: '/v1/responses/{id}', isOpen: false },
  { method: 'DELETE', path: '/v1/responses/{id}', isOpen: false },
  { method: 'POST', path: '/v1/responses/{id}/cancel', isOpen: false },
  { method: 'GET', path: '/v1/responses/{id}/input_items', isOpen: false },
  { method: 'POST', path: '/v1/embeddings', isOpen: false },
  { method: 'POST', path: '/v1/files', isOpen: false },
  { method: 'GET', path: '/v1/files', isOpen: false },
  { method: 'GET', path: '/v1/files/{id}', isOpen: false },
  { method: 'DELETE', path: '/v1/files/{id}', isOpen: false },
  { method: 'GET', path: '/v1/files/{id}/content', isOpen: false },
  { method: 'POST', path: '/v1/batches', isOpen: false },
  { method: 'GET', path: '/v1/batches', isOpen: false },
  { method: 'GET', path: '/v1/batches/{id}', isOpen: false },
  { method: 'POST', path: '/v1/batches/{id}/cancel', isOpen: false },
  { method: 'GET', path: '/v1/models', isOpen: false },
  { method: 'GET', path: '/v1/models/{model}', isOpen: false },
  { method: 'GET', path: '/health', isOpen: true },
  { method: 'GET', path: '/openapi.json', isOpen: true },
  { method: 'GET', path: '/docs', isOpen: true },
  { method: 'GET', path: '/docs/{asset}', isOpen: true },
  { method: 'GET', path: '/', isOpen: true },
  { method: 'GET', path: '/assets/{asset}', isOpen: true },
] as const;

export type Route = (typeof ROUTES)[number];
export type RoutePath = Route['path'];
export type MethodAt<P extends RoutePath> = Extract<Route, { path: P }>['method'];

type Named<R extends Route> = R extends Route ? `${R['method']} ${R['path']}` : never;
/** A route's method and path: `GET /runs`. */
export type RouteName = Named<Route>;
export const nameOf = ({ method, path }: Route) => `${method} ${path}` as RouteName;

/** A path and all paths below it. */
export type PathAt<Top extends RoutePath> = Extract<RoutePath, Top | `${Top}/${string}`>;
/** The routes at a path and all paths below it. */
export type RouteAt<Top extends RoutePath> = Named<Extract<Route, { path: PathAt<Top> }>>;

/** A path in Hono's syntax. A model name may contain a slash, and the gateway may decode %2F, so it matches slashes. */
export const honoPath = (path: RoutePath): string =>
  path.replace('{model}', ':model{.+}').replace(/\{(\w+)\}/g, ':$1');

/** Whether a path belongs to OpenAI's API, whose answers and errors have OpenAI's format. */
export const isOpenAIPath = (path: string): boolean => path === '/v1' || path.startsWith('/v1/');

/** The methods of a path for its Allow header. */
export const allowedMethods = (path: RoutePath): string[] => {
  const methods: string[] = ROUTES.filter((route) => route.path === path).map(({ method }) => method);
  return methods.includes('GET') ? ['GET', 'HEAD', ...methods.filter((method) => method !== 'GET')] : methods;
};
