import { randomBytes } from 'node:crypto';
import { type OwnTrace, parseXRayHeader, type TraceContext } from '../../observe/trace-context.ts';

/** What is used of Lambda's context; the runtime client adds `xRayTraceId`, which the types do not know. */
export type InvocationContext = { awsRequestId?: string; xRayTraceId?: string | undefined };

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

export type Invocation = ReturnType<typeof makeInvocation>;

/** Begins with the seconds since the epoch, as X-Ray's ids do. Not recorded by anyone unless X-Ray does so. */
const newTrace = (now: number): TraceContext => ({
  traceId:
    Math.floor(now / 1000)
      .toString(16)
      .padStart(8, '0') + randomBytes(12).toString('hex'),
  parentId: randomBytes(8).toString('hex'),
  sampled: false,
});
