import type { Clock } from '../../async/clock.ts';
import type { BudgetView } from '../../budget/daily.ts';
import { InvalidInputError } from '../../errors.ts';
import { isCallerName } from '../../keys/api-key.ts';
import { parseUsageQuery, type UsageQuery } from '../../usage/query.ts';
import type { UsageReport } from '../../usage/read.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { parametersOf } from '../read-request.ts';
import { usageTable } from './csv.ts';

export type UsageRoutesDeps = {
  /** The usage of a caller; null: that of which an operator asks. */
  usage: (query: UsageQuery, caller: string | null) => Promise<UsageReport & { budget: BudgetView | null }>;
  /** The keys of metadata by which usage is summed, which the operator named. */
  usageKeys: readonly string[];
  clock: Pick<Clock, 'now'>;
};

export const usageRoutes = (
  { usage, usageKeys, clock }: UsageRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/usage'> => ({
  '/usage': {
    GET: withCaller(
      async (c, caller, { operator = false }) => {
        const query = parseUsageQuery(parametersOf(c.req.raw), clock.now(), { operator, usageKeys });
        if (query.caller !== null && !isCallerName(query.caller))
          throw new InvalidInputError([{ path: 'caller', message: 'must be the name of a caller' }]);
        const report = await usage(query, operator ? null : caller);
        if (query.format === 'json') return Response.json(report);
        const name = `usage-${report.since.slice(0, 10)}-${report.until.slice(0, 10)}.csv`;
        return new Response(usageTable(report, query.groupBy), {
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="${name}"`,
          },
        });
      },
      ['caller', 'anonymous', 'operator'],
    ),
  },
});
