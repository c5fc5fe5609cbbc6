import type { ComparisonView } from '../../comparisons/view.ts';
import { dropAbsent } from '../../json/value.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import { type Handlers, idOf, pathPrefix, type WithCaller } from '../base-app.ts';
import { parametersOf, readIdempotencyKey, readJsonBody } from '../read-request.ts';

export type ComparisonRoutesDeps = {
  create: (
    body: unknown,
    by: { caller: string; idempotencyKey?: string },
  ) => Promise<{ id: string; isReplay: boolean }>;
  /** Throws `NotFoundError` when there is no such comparison or another caller owns it. */
  read: (id: string, caller: string) => Promise<ComparisonView>;
  /** Stops what has not begun; returns the comparison after that. Throws as `read` does. */
  stop: (id: string, caller: string) => Promise<ComparisonView>;
  /** Deletes the comparison with everything of it. Throws as `read` does. */
  remove: (id: string, caller: string) => Promise<void>;
};

export const comparisonRoutes = (
  { create, read, stop, remove }: ComparisonRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/comparisons'> => ({
  '/comparisons': {
    POST: withCaller(async (c, caller) => {
      const idempotencyKey = readIdempotencyKey(c.req.raw.headers);
      const body = await readJsonBody(c.req.raw);
      const { id, isReplay } = await create(body, dropAbsent({ caller, idempotencyKey }));
      const location = `${pathPrefix(c.env)}/comparisons/${id}`;
      return Response.json(await read(id, caller), {
        status: 202,
        headers: { location, ...(isReplay && { 'idempotent-replayed': 'true' }) },
      });
    }),
  },
  '/comparisons/{id}': {
    GET: withCaller(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      return Response.json(await read(idOf(c), caller));
    }),
    DELETE: withCaller(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      await remove(idOf(c), caller);
      return c.body(null, 204);
    }),
  },
  '/comparisons/{id}/cancel': {
    POST: withCaller(async (c, caller) => Response.json(await stop(idOf(c), caller))),
  },
});
