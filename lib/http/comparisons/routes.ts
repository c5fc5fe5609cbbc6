import type { ComparisonView } from '../../comparisons/view.ts';
import { dropAbsent } from '../../json/value.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import { type Closed, type Handlers, idOf, pathPrefix } from '../base-app.ts';
import { parametersOf, readIdempotencyKey, readJsonBody } from '../read-request.ts';

export type ComparisonRoutesDeps = {
  create: (
    body: unknown,
    by: { caller: string; idempotencyKey?: string },
  ) => Promise<{ id: string; isReplay: boolean }>;
  /** Throws `NotFoundError` for what is not there or another's. */
  read: (id: string, caller: string) => Promise<ComparisonView>;
};

export const comparisonRoutes = (
  { create, read }: ComparisonRoutesDeps,
  closed: Closed,
): Handlers<'/comparisons'> => ({
  '/comparisons': {
    POST: closed(async (c, caller) => {
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
    GET: closed(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      return Response.json(await read(idOf(c), caller));
    }),
  },
});
