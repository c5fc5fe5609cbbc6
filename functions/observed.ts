import type { Context } from 'aws-lambda';
import type { Invocation } from '../lib/adapters/lambda/invocation.ts';
import type { Log } from '../lib/observe/log.ts';

type Observation = { invocation: Pick<Invocation, 'begin'>; log: Log };

/** Notes that an invocation begins: each line of its log then has its id; an environment's first one is logged. */
export const makeBegin =
  ({ invocation, log }: Observation) =>
  (context: Context): void => {
    if (!invocation.begin(context)) return;
    log.info('environment.started', { memory_mb: Number(context.memoryLimitInMB), node: process.version });
  };

/** A handler that has each of its invocations noted before it runs. */
export const observed = <Event, Result>(
  observation: Observation,
  handler: (event: Event, context: Context) => Result,
) => {
  const begin = makeBegin(observation);
  return (event: Event, context: Context): Result => {
    begin(context);
    return handler(event, context);
  };
};
