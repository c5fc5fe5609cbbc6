import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { makeInvocation, observed } from '../../../../lib/adapters/lambda/invocation.ts';
import { parseXRayHeader, xRayHeaderOf } from '../../../../lib/observe/trace-context.ts';
import { makeMemoryLog } from '../../../memory/log.ts';

const XRAY = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const NOW = Date.UTC(2026, 10, 22, 13);

test('every generation in the first invocation of an environment is cold, and none later', () => {
  const { begin, isCold } = makeInvocation({});
  expect(begin({ awsRequestId: 'a' })).toBe(true);
  expect([isCold(), isCold()]).toEqual([true, true]);
  expect(begin({ awsRequestId: 'b' })).toBe(false);
  expect(isCold()).toBe(false);
});

test('an invocation has its own request id until the next one begins', () => {
  const { begin, requestId } = makeInvocation({});
  expect(requestId()).toBeUndefined();
  begin({ awsRequestId: 'a' });
  expect(requestId()).toBe('a');
  begin({ awsRequestId: 'b' });
  expect(requestId()).toBe('b');
});

test('the trace of an invocation is X-Ray’s, from the context or from the environment', () => {
  const expected = { trace: parseXRayHeader(XRAY), isXRays: true };
  const byContext = makeInvocation({});
  byContext.begin({ xRayTraceId: XRAY });
  expect(byContext.trace(NOW)).toEqual(expected);
  const env: NodeJS.ProcessEnv = {};
  const byEnvironment = makeInvocation(env);
  env._X_AMZN_TRACE_ID = XRAY;
  expect(byEnvironment.trace(NOW)).toEqual(expected);
});

test('without X-Ray each trace is new, in a form that X-Ray accepts', () => {
  const { trace } = makeInvocation({ _X_AMZN_TRACE_ID: 'Root=nonsense' });
  const traces = Array.from({ length: 20 }, () => trace(NOW));
  expect(new Set(traces.map((own) => own.trace.traceId)).size).toBe(20);
  for (const own of traces) {
    expect(own.isXRays).toBe(false);
    expect(parseXRayHeader(xRayHeaderOf(own.trace))).toEqual(own.trace);
    expect(Number.parseInt(own.trace.traceId.slice(0, 8), 16)).toBe(NOW / 1000);
  }
});

const contextOf = (awsRequestId: string) => ({ awsRequestId, memoryLimitInMB: '1024' }) as Context;

test('an environment is logged once, at its first invocation, and each invocation has its request id from the start', () => {
  const log = makeMemoryLog();
  const invocation = makeInvocation({});
  const handler = observed({ invocation, log }, (event: string) => [event, invocation.requestId()]);
  expect(handler('a', contextOf('1'))).toEqual(['a', '1']);
  expect(handler('b', contextOf('2'))).toEqual(['b', '2']);
  expect(log.entries).toEqual([
    { level: 'info', event: 'environment.started', memory_mb: 1024, node: process.version },
  ]);
});
