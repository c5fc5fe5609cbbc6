import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { observed } from '../../functions/observed.ts';
import { makeInvocation } from '../../lib/adapters/lambda/invocation.ts';
import { makeMemoryLog } from '../memory/log.ts';

const contextOf = (awsRequestId: string) => ({ awsRequestId, memoryLimitInMB: '1024' }) as Context;

test('an environment is logged once, at its first invocation, and each has its request id from the start', () => {
  const log = makeMemoryLog();
  const invocation = makeInvocation({});
  const handler = observed({ invocation, log }, (event: string) => [event, invocation.requestId()]);
  expect(handler('a', contextOf('1'))).toEqual(['a', '1']);
  expect(handler('b', contextOf('2'))).toEqual(['b', '2']);
  expect(log.entries).toEqual([
    { level: 'info', event: 'environment.started', memory_mb: 1024, node: process.version },
  ]);
});
