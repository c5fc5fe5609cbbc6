import { randomBytes } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { Log } from '../../observe/log.ts';
import { type OwnTrace, parseXRayHeader, type TraceContext } from '../../observe/trace-context.ts';

/** What is used of Lambda's context; the runtime client adds `xRayTraceId`, which the types do not know. */
type InvocationContext = { awsRequestId?: string; xRayTraceId?: string | undefined };

/**
 * The invocation that this execution environment is at: an environment has one at a time. `begin` is called at the
 * start of each, and says whether it is the first.
 */
export const makeInvocation = (env: NodeJS.ProcessEnv = process.env) => {
  let invocations = 0;
  let context: InvocationContext = {};
  return {
    begin: (of: InvocationContext | undefined): boolean => {
      context = of ?? {};
      invocations += 1;
      return invocations === 1;
    },
    /** Whether it is the environment's first; everything generated until the next one counts alike. */
    isCold: (): boolean => invocations <= 1,
    requestId: (): string | undefined => context.awsRequestId,
    /** X-Ray's, where Lambda has one for this invocation; else a new one, of a form that X-Ray takes as well. */
    trace: (now: number): OwnTrace => {
      const xRays = parseXRayHeader(context.xRayTraceId ?? env._X_AMZN_TRACE_ID);
      return xRays ? { trace: xRays, isXRays: true } : { trace: newTrace(now), isXRays: false };
    },
  };
};

type Invocation = ReturnType<typeof makeInvocation>;

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

/** Begins with the seconds since the epoch, as X-Ray's ids do. Not recorded by anyone unless X-Ray does so. */
const newTrace = (now: number): TraceContext => ({
  traceId:
    Math.floor(now / 1000)
      .toString(16)
      .padStart(8, '0') + randomBytes(12).toString('hex'),
  parentId: randomBytes(8).toString('hex'),
  sampled: false,
});
