import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalAws, startAws } from '../../../../local/aws/start-aws.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { api, fn, method, path, writeBundles } from '../small-stack.ts';

const echo = `export const handler = async (event, context) => ({
  statusCode: 200,
  headers: { 'x-request': context.awsRequestId },
  multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
  body: JSON.stringify(event),
});`;

// One kind of misbehaviour for each path.
const odd = `
let calls = 0;
export const handler = async ({ pathParameters: { how } }, context) => {
  calls += 1;
  if (how === 'crash') process.exit(3);
  if (how === 'throw') throw new TypeError('not today');
  if (how === 'sleep') await new Promise(() => setInterval(() => {}, 1000));
  if (how === 'text') return 'just text';
  if (how === 'object-body') return { statusCode: 200, body: { a: 1 } };
  if (how === 'big') return { statusCode: 200, body: 'x'.repeat(7_000_000) };
  if (how === 'base64') return { statusCode: 200, isBase64Encoded: true, body: 'aGk=' };
  return { statusCode: 200, body: JSON.stringify({ calls, left: context.getRemainingTimeInMillis(), name: context.functionName, env: Object.keys(process.env).sort(), region: process.env.AWS_REGION, variable: process.env.OWN, override: process.env.OVER, tz: process.env.TZ }) };
};`;

// The first chunk is sent, then the function waits for the test before it continues.
const stream = `
export const handler = awslambda.streamifyResponse(async (event, responseStream, context) => {
  const { go, total = 0, after } = JSON.parse(event.body);
  const http = awslambda.HttpResponseStream.from(responseStream, { statusCode: 201, headers: { 'content-type': 'text/event-stream', 'x-own': 'yes' }, cookies: ['c=1'] });
  http.write('first\\n');
  if (go) await fetch(go);
  const block = 'x'.repeat(64 * 1024);
  for (let sent = 0; sent < total; sent += block.length) if (!http.write(block)) await new Promise((resolve) => http.once('drain', resolve));
  http.end('last\\n');
  if (after) await fetch(after);
});`;

const badStream = `export const handler = awslambda.streamifyResponse(async (event, stream) => { stream.end('no prelude'); });`;

const template = {
  Resources: {
    ...api,
    Echo: fn('echo'),
    Odd: fn('odd', { timeout: 1, variables: { OWN: 'mine', OVER: 'template' } }),
    Slow: fn('slow', { timeout: 20 }),
    Stream: fn('stream', { timeout: 20 }),
    BadStream: fn('bad-stream'),
    Runs: path('runs'),
    RunsId: path('{id}', 'Runs'),
    OddPath: path('odd'),
    How: path('{how}', 'OddPath'),
    SlowPath: path('slow'),
    SlowHow: path('{how}', 'SlowPath'),
    StreamPath: path('stream'),
    BadPath: path('bad-stream'),
    Proxy: path('{proxy+}'),
    GetRun: method('GET', 'RunsId', 'Echo'),
    PostRuns: method('POST', 'Runs', 'Echo'),
    AnyHow: method('ANY', 'How', 'Odd'),
    AnySlow: method('ANY', 'SlowHow', 'Slow', { timeoutMs: 300 }),
    PostStream: method('POST', 'StreamPath', 'Stream', { stream: true }),
    PostBad: method('POST', 'BadPath', 'BadStream', { stream: true }),
    GetProxy: method('GET', 'Proxy', 'Echo'),
  },
};

const lines: string[] = [];
let aws: LocalAws;

beforeAll(async () => {
  aws = await startAws({
    template,
    bundles: writeBundles({ Echo: echo, Odd: odd, Slow: odd, Stream: stream, BadStream: badStream }),
    dataDir: temporaryFolder(),
    port: 0,
    environment: { OVER: 'override' },
    warm: ['Echo'],
    log: (line) => lines.push(line),
  });
});
afterAll(() => aws.close());

/** The parts of the functions' answers that the tests read. */
type Answer = {
  requestContext: { requestId: string };
  multiValueHeaders: Record<string, string[]>;
  multiValueQueryStringParameters: Record<string, string[]>;
  code: string;
  calls: number;
  left: number;
  env: string[];
};

const json = async (route: string, init?: RequestInit) => {
  const response = await fetch(aws.api + route, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
};

/** A server on which every path waits until the test lets it answer. */
const gate = async () => {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const server = createServer(async (_, response) => {
    reached.resolve();
    await opened.promise;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => opened.resolve(),
    reached: reached.promise,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
};

describe('the gateway', () => {
  test('passes a complete version 1.0 event to the function', async () => {
    const { status, headers, body } = await json('/runs/a%20b?x=1&x=2&y=%C3%A9', {
      headers: { 'X-Own': 'v' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resource: '/runs/{id}',
      path: '/runs/a%20b',
      httpMethod: 'GET',
      pathParameters: { id: 'a b' },
      queryStringParameters: { x: '2', y: 'é' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['é'] },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        path: '/runs/a%20b',
        resourcePath: '/runs/{id}',
        httpMethod: 'GET',
        stage: 'local',
        identity: { sourceIp: '127.0.0.1' },
      },
    });
    expect(body.requestContext.requestId).toBe(headers.get('x-amzn-requestid'));
    expect(headers.get('x-request')).toBe(body.requestContext.requestId);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const own = Object.entries(body.multiValueHeaders).find(([name]) => name.toLowerCase() === 'x-own');
    expect(own?.[1]).toEqual(['v']);
  });

  test('chooses the resource before the method', async () => {
    expect((await json('/runs', { method: 'POST', body: '{"é":1}' })).body).toMatchObject({
      resource: '/runs',
      body: '{"é":1}',
    });
    const refused = await json('/runs');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toEqual({
      title: 'Missing Authentication Token',
      status: 403,
      code: 'gateway_refused',
    });
  });

  test('passes on a parameter that is called __proto__ or constructor', async () => {
    const { status, body } = await json('/a/b?__proto__=1&constructor=2&__proto__=3');
    expect(status).toBe(200);
    expect(Object.entries(body.multiValueQueryStringParameters)).toEqual([
      ['__proto__', ['1', '3']],
      ['constructor', ['2']],
    ]);
  });

  test('falls back to the greedy resource when no other fits', async () => {
    expect((await json('/a/b')).body).toMatchObject({
      resource: '/{proxy+}',
      pathParameters: { proxy: 'a/b' },
    });
    expect((await json('/')).status).toBe(403);
  });

  test('refuses a body over ten megabytes', async () => {
    const { status, body } = await json('/runs', {
      method: 'POST',
      body: Buffer.alloc(10 * 1024 * 1024 + 1, 'x'),
    });
    expect([status, body.code]).toEqual([413, 'gateway_refused']);
  });

  test.each(['text', 'object-body', 'throw', 'big'])(
    'answers 502 when the function answers with %s',
    async (how) => {
      const { status, body } = await json(`/odd/${how}`);
      expect([status, body]).toEqual([502, { message: 'Internal server error' }]);
    },
  );

  test('leaves base64 undecoded without binary media types, as API Gateway does', async () => {
    expect(await (await fetch(`${aws.api}/odd/base64`)).text()).toBe('aGk=');
  });

  test('answers 504 after the integration timeout, and 502 after the function’s own', async () => {
    expect((await json('/slow/sleep')).status).toBe(504);
    expect((await json('/odd/sleep')).status).toBe(502);
    expect(lines).toContain('small-odd: Sandbox.Timedout: Task timed out after 1.00 seconds');
  });

  test('continues with a new environment after a crash, and logs the crash', async () => {
    expect((await json('/odd/crash')).status).toBe(502);
    expect(lines).toContain('small-odd: Runtime.ExitError: Runtime exited with exit status 3');
    expect((await json('/odd/fine')).body.calls).toBe(1);
  });

  test('reuses an environment and gives it Lambda’s variables, the template’s and the overrides alone', async () => {
    const { body: first } = await json('/odd/fine');
    const { body: second } = await json('/odd/fine');
    expect(second.calls).toBe(first.calls + 1);
    expect(second).toMatchObject({
      name: 'small-odd',
      variable: 'mine',
      override: 'override',
      tz: 'UTC',
      region: 'us-east-1',
    });
    expect(second.left).toBeGreaterThan(0);
    expect(second.left).toBeLessThanOrEqual(1000);
    expect(second.env).not.toContain('HOME');
    expect(second.env).not.toContain('NODE_OPTIONS');
    expect(second.env.filter((name) => name.startsWith('AWS_ENDPOINT_URL'))).toEqual([
      'AWS_ENDPOINT_URL_DYNAMODB',
      'AWS_ENDPOINT_URL_EVENTBRIDGE',
      'AWS_ENDPOINT_URL_S3',
      'AWS_ENDPOINT_URL_SQS',
    ]);
  });

  test('fails with the port’s code when the port is taken', async () => {
    const again = startAws({
      ...{ template, bundles: () => '', dataDir: temporaryFolder(), environment: {}, log: () => {} },
      port: Number(new URL(aws.api).port),
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a streamed response of the gateway', () => {
  const post = (body: object) => fetch(`${aws.api}/stream`, { method: 'POST', body: JSON.stringify(body) });

  test('reaches the client while the function is still writing', async () => {
    const go = await gate();
    const response = await post({ go: go.url });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-own')).toBe('yes');
    expect(response.headers.getSetCookie()).toEqual(['c=1']);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toEqual({ done: false, value: 'first\n' });
    go.open(); // only now can the function continue
    expect(await reader?.read()).toEqual({ done: false, value: 'last\n' });
    expect((await reader?.read())?.done).toBe(true);
    await go.close();
  });

  test('ends for the client before the handler’s promise is resolved', async () => {
    const after = await gate();
    expect(await (await post({ after: after.url })).text()).toBe('first\nlast\n');
    await after.reached;
    after.open();
    await after.close();
  });

  test('continues in the function after the client disconnects', async () => {
    const [go, after] = [await gate(), await gate()];
    const leaving = new AbortController();
    const response = await fetch(`${aws.api}/stream`, {
      method: 'POST',
      body: JSON.stringify({ go: go.url, after: after.url, total: 5_000_000 }),
      signal: leaving.signal,
    });
    expect(response.status).toBe(201);
    leaving.abort();
    go.open();
    await after.reached; // everything was written, without a client
    after.open();
    await Promise.all([go.close(), after.close()]);
  });

  test('delivers more than any buffer holds to a reader that starts late', async () => {
    const after = await gate();
    const { promise, resolve } = Promise.withResolvers<number>();
    const outgoing = request(`${aws.api}/stream`, { method: 'POST' }, (response) => {
      // Not read yet: sockets and the gateway fill up, and the function has to wait.
      setImmediate(() => {
        let bytes = 0;
        response.on('data', (chunk) => (bytes += chunk.length)).on('end', () => resolve(bytes));
      });
    });
    outgoing.end(JSON.stringify({ total: 20 * 1024 * 1024, after: after.url }));
    expect(await promise).toBe(20 * 1024 * 1024 + 'first\nlast\n'.length);
    after.open();
    await after.close();
  });

  test('is a 502 without a prelude', async () => {
    expect((await fetch(`${aws.api}/bad-stream`, { method: 'POST', body: '{}' })).status).toBe(502);
  });

  test('is returned whole by a direct invocation', async () => {
    const answer = await aws.invoke('Stream', { body: '{}' });
    expect(String(answer)).toContain('first\nlast\n');
  });
});

test('the gateway logs the output of a function line by line, under its name', async () => {
  const printing = await startAws({
    template: { Resources: { Print: fn('print') } },
    bundles: writeBundles({
      Print: `export const handler = async () => { console.log('one\\ntwo'); return 1; };`,
    }),
    ...{ dataDir: temporaryFolder(), port: 0, environment: {} },
    log: (line) => lines.push(line),
  });
  expect(await printing.invoke('Print', {})).toBe(1);
  await pollUntil('the second line', () => lines.includes('small-print: two'));
  expect(lines).toContain('small-print: one');
  await printing.close();
});
