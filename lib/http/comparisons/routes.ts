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
};

export const comparisonRoutes = (
  { create, read, stop }: ComparisonRoutesDeps,
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
    DELETE: withCaller(async (c, caller) => Response.json(await stop(idOf(c), caller))),
  },
});
