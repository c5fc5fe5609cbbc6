import type { Clock } from '../../async/clock.ts';
import type { BudgetView } from '../../budget/daily.ts';
import { parseUsageQuery, type UsageQuery } from '../../usage/query.ts';
import type { UsageReport } from '../../usage/read.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { parametersOf } from '../read-request.ts';

export type UsageRoutesDeps = {
  usage: (query: UsageQuery, caller: string) => Promise<UsageReport & { budget: BudgetView | null }>;
  clock: Pick<Clock, 'now'>;
};

export const usageRoutes = (
  { usage, clock }: UsageRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/usage'> => ({
  '/usage': {
    GET: withCaller(async (c, caller) =>
      Response.json(await usage(parseUsageQuery(parametersOf(c.req.raw), clock.now()), caller)),
    ),
  },
});
