import type * as z from 'zod';
import type { ComparisonEstimate } from '../../comparisons/estimate.ts';
import { type ComparisonQuery, parseComparisonQuery } from '../../comparisons/list.ts';
import type { ListedComparison } from '../../comparisons/list-entry.ts';
import type { ComparisonAnswer } from '../../comparisons/texts.ts';
import type { ComparisonView } from '../../comparisons/view.ts';
import { dropAbsent } from '../../json/value.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import { type Handlers, idOf, pathPrefix, type WithCaller } from '../base-app.ts';
import { parametersOf, readIdempotencyKey, readJsonBody } from '../read-request.ts';
import type { comparisonListSchema } from './openapi.ts';

type ComparisonList = z.infer<typeof comparisonListSchema>;

export type ComparisonRoutesDeps = {
  create: (
    body: unknown,
    by: { caller: string; idempotencyKey?: string },
  ) => Promise<{ id: string; isReplay: boolean }>;
  /** Estimates the comparison of a body, which it refuses as `create` does. */
  estimate: (body: unknown, caller: string) => Promise<ComparisonEstimate>;
  list: (
    query: ComparisonQuery & { caller: string },
  ) => Promise<{ comparisons: ListedComparison[]; nextCursor: string | null }>;
  /** Throws `NotFoundError`, as do the next two, when there is no such comparison or another caller owns it. */
  read: (id: string, caller: string) => Promise<ComparisonView>;
  /** Stops what has not begun; returns the comparison after that. */
  stop: (id: string, caller: string) => Promise<ComparisonView>;
  /** Deletes the comparison with everything of it. */
  remove: (id: string, caller: string) => Promise<void>;
};

/** The routes of comparisons; ../read-app.ts has GET /comparisons/{id}. */
export const comparisonRoutes = (
  { create, estimate, list, read, stop, remove }: ComparisonRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/comparisons'> => ({
  '/comparisons': {
    POST: withCaller(async (c, caller) => {
      const idempotencyKey = readIdempotencyKey(c.req.raw.headers);
      const body = await readJsonBody(c.req.raw);
      const { id, isReplay } = await create(body, dropAbsent({ caller, idempotencyKey }));
      const location = `${pathPrefix(c.env)}/comparisons/${id}`;
      return Response.json(withoutTexts(await read(id, caller)), {
        status: 202,
        headers: { location, ...(isReplay && { 'idempotent-replayed': 'true' }) },
      });
    }),
    GET: withCaller(async (c, caller) => {
      const query = parseComparisonQuery(parametersOf(c.req.raw));
      const { comparisons, nextCursor } = await list({ ...query, caller });
      return Response.json({ data: comparisons, next_cursor: nextCursor } satisfies ComparisonList);
    }),
  },
  '/comparisons/estimate': {
    POST: withCaller(async (c, caller) =>
      Response.json(await estimate(await readJsonBody(c.req.raw), caller)),
    ),
  },
  '/comparisons/{id}': {
    DELETE: withCaller(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      await remove(idOf(c), caller);
      return c.body(null, 204);
    }),
  },
  '/comparisons/{id}/cancel': {
    POST: withCaller(async (c, caller) => Response.json(withoutTexts(await stop(idOf(c), caller)))),
  },
});

const withoutTexts = (view: ComparisonView): ComparisonAnswer => ({ ...view, texts: null });
