import { randomBytes } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { Log } from '../../observe/log.ts';
import { type OwnTrace, parseXRayHeader, type TraceContext } from '../../observe/trace-context.ts';

/** The fields used of Lambda's context. The runtime client adds `xRayTraceId`, which the types do not declare. */
type InvocationContext = { awsRequestId?: string; xRayTraceId?: string | undefined };

/**
 * The current invocation of this execution environment, which handles one at a time. Call `begin` at the start of each
 * invocation; it returns true for the first.
 */
export const makeInvocation = (env: NodeJS.ProcessEnv = process.env) => {
  let invocations = 0;
  let context: InvocationContext = {};
  return {
    begin: (started: InvocationContext | undefined): boolean => {
      context = started ?? {};
      invocations += 1;
      return invocations === 1;
    },
    /** Whether this is the environment's first invocation, and thus a cold start. */
    isCold: (): boolean => invocations <= 1,
    requestId: (): string | undefined => context.awsRequestId,
    /** X-Ray's trace when Lambda has one for this invocation, else a new one in a format that X-Ray accepts too. */
    trace: (now: number): OwnTrace => {
      const xRays = parseXRayHeader(context.xRayTraceId ?? env._X_AMZN_TRACE_ID);
      return xRays ? { trace: xRays, isXRays: true } : { trace: newTrace(now), isXRays: false };
    },
  };
};

type Invocation = ReturnType<typeof makeInvocation>;

type Observation = { invocation: Pick<Invocation, 'begin'>; log: Log };

/** Marks the start of an invocation, so that its log lines carry its request id, and logs the environment's first. */
export const makeBegin =
  ({ invocation, log }: Observation) =>
  (context: Context): void => {
    if (!invocation.begin(context)) return;
    log.info('environment.started', { memory_mb: Number(context.memoryLimitInMB), node: process.version });
  };

/** Wraps a handler so that `makeBegin` runs at the start of each invocation. */
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

/**
 * A random trace whose id begins with the seconds since the epoch, as X-Ray's ids do
 * (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html). Marked as not sampled.
 */
const newTrace = (now: number): TraceContext => ({
  traceId:
    Math.floor(now / 1000)
      .toString(16)
      .padStart(8, '0') + randomBytes(12).toString('hex'),
  parentId: randomBytes(8).toString('hex'),
  sampled: false,
});
