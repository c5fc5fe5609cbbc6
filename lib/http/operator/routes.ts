import { type CallerQuery, type CallerView, parseCallerQuery } from '../../operate/callers.ts';
import type { OperationsView } from '../../operate/operations.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { parametersOf } from '../read-request.ts';

export type OperatorRoutesDeps = {
  operations: () => Promise<OperationsView>;
  callers: (query: CallerQuery) => Promise<{ data: CallerView[]; next_cursor: string | null }>;
};

/**
 * The routes for an operator's key. Where a deployment has a caller without a key, and no keys are configured, whoever
 * reaches it runs it: so the local stack shows its operations to all.
 */
export const operatorRoutes = (
  { operations, callers }: OperatorRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/operations' | '/callers'> => ({
  '/operations': {
    GET: withCaller(
      async (c) => {
        readQueryParameters(parametersOf(c.req.raw)).finish();
        return Response.json(await operations());
      },
      ['operator', 'anonymous'],
    ),
  },
  '/callers': {
    GET: withCaller(
      async (c) => Response.json(await callers(parseCallerQuery(parametersOf(c.req.raw)))),
      ['operator'],
    ),
  },
});
