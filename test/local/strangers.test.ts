import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalAws, startAws } from '../../local/aws/start-aws.ts';
import { type HttpListener, listen } from '../../local/http.ts';
import { type OpenaiServer, startOpenai } from '../../local/openai/server.ts';
import { type PineconeServer, startPinecone } from '../../local/pinecone/server.ts';
import { strangerIn, strangerToPages } from '../../local/strangers.ts';
import { MODEL_CACHE } from '../fixtures/model-cache.ts';
import { type RawAnswer, rawRequest } from '../fixtures/raw-request.ts';
import { signedHeaders } from '../fixtures/sign.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { api, fn, method, path, queue, writeBundles } from './aws/small-stack.ts';

const table = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  },
};
const template = {
  Resources: {
    ...api,
    Runs: fn('runs'),
    RunsPath: path('runs'),
    GetRuns: method('GET', 'RunsPath', 'Runs'),
    PostRuns: method('POST', 'RunsPath', 'Runs'),
    Table: table,
    Queue: queue(),
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'mine' } },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'objects',
        CorsConfiguration: {
          CorsRules: [
            { AllowedOrigins: ['*'], AllowedMethods: ['GET', 'PUT'], AllowedHeaders: ['content-type'] },
          ],
        },
      },
    },
  },
};
const runs = `let calls = 0; export const handler = async () => ({ statusCode: 200, body: JSON.stringify({ calls: ++calls }) });`;

/** Every server that the stack starts, whether its address is told or not. */
const servers: Server[] = [];
const LISTENING = 'tracing:net.server.listen:asyncEnd';
const note = (message: unknown) => void servers.push((message as { server: Server }).server);

let aws: LocalAws;
let openai: OpenaiServer;
let pinecone: PineconeServer;
beforeAll(async () => {
  subscribe(LISTENING, note);
  aws = await startAws({
    ...{ template, bundles: writeBundles({ Runs: runs }), dataDir: temporaryFolder(), port: 0 },
    ...{ environment: {}, log: () => {} },
  });
  openai = await startOpenai({ pace: 0, cacheDir: MODEL_CACHE });
  pinecone = await startPinecone({ file: ':memory:' });
  unsubscribe(LISTENING, note);
});
afterAll(async () => {
  await Promise.all([aws?.close(), openai?.close(), pinecone?.close()]);
});

type Part = { name: string; send: (headers: Record<string, string>) => Promise<RawAnswer>; shape: object };

const json = (service: string, target: string, type: string, body: object) => {
  const text = JSON.stringify(body);
  const urls = { dynamodb: aws.dynamodb, sqs: aws.sqs, events: aws.events };
  const url = urls[service as keyof typeof urls];
  return async (headers: Record<string, string>) => {
    const own = { host: new URL(url).host, 'content-type': type, 'x-amz-target': target, ...headers };
    const { host, ...others } = own;
    // Signed for the name that the request comes under, so that nothing but that name is wrong with it.
    const signed = await signedHeaders(
      url.replace(new URL(url).host, host),
      { method: 'POST', headers: others, body: text },
      { service, key: aws.credentials },
    );
    return rawRequest(url, { method: 'POST', headers: { ...signed, host }, body: text });
  };
};

/** Requests with the right keys, to which nothing but the headers of a stranger is added. */
const parts = (): Part[] => [
  {
    name: 'DynamoDB',
    send: json('dynamodb', 'DynamoDB_20120810.ListTables', 'application/x-amz-json-1.0', {}),
    shape: { __type: 'com.amazon.coral.service#AccessDeniedException' },
  },
  {
    name: 'SQS',
    send: json('sqs', 'AmazonSQS.ListQueues', 'application/x-amz-json-1.0', {}),
    shape: { __type: 'com.amazon.coral.service#AccessDeniedException' },
  },
  {
    name: 'EventBridge',
    send: json('events', 'AWSEvents.ListEventBuses', 'application/x-amz-json-1.1', {}),
    shape: { __type: 'com.amazon.coral.service#AccessDeniedException' },
  },
  {
    name: 'the model server',
    send: (headers) =>
      rawRequest(`${openai.url}/models`, {
        headers: { authorization: `Bearer ${openai.apiKey}`, ...headers },
      }),
    shape: { error: { code: 'forbidden', type: 'invalid_request_error' } },
  },
  {
    name: 'Pinecone',
    send: (headers) =>
      rawRequest(`${pinecone.url}/indexes`, { headers: { 'api-key': pinecone.apiKey, ...headers } }),
    shape: { error: { code: 'FORBIDDEN' }, status: 403 },
  },
  {
    name: 'the gateway',
    send: (headers) => rawRequest(`${aws.api}/runs`, { headers }),
    shape: { code: 'gateway_refused', status: 403 },
  },
];

const PARTS = ['DynamoDB', 'SQS', 'EventBridge', 'the model server', 'Pinecone', 'the gateway'];
const partOf = (name: string): Part => parts().find((part) => part.name === name) as Part;

describe.each(PARTS)('%s', (name) => {
  test('serves a program on this machine, under each of its names', async () => {
    const { send } = partOf(name);
    for (const host of [{}, { host: 'localhost:4000' }, { host: '127.0.0.1' }, { host: '[::1]:4000' }])
      expect((await send(host)).status).toBe(200);
  });

  test('refuses a page whose name was made to resolve to this machine', async () => {
    const { send, shape } = partOf(name);
    for (const host of ['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', '10.0.0.7:80']) {
      const { status, text } = await send({ host });
      expect([status, JSON.parse(text)]).toMatchObject([403, shape]);
      expect(text).toContain('use the address in stack.json');
    }
  });

  test('refuses a page of another origin, and shows it nothing', async () => {
    const { send, shape } = partOf(name);
    for (const page of [
      { origin: 'https://evil.example' },
      { origin: 'http://localhost:5173' },
      { origin: 'null' },
      { origin: '' },
      { origin: 'chrome-extension://abc' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    ]) {
      const { status, headers, text } = await send(page);
      expect([status, JSON.parse(text)]).toMatchObject([403, shape]);
      expect(Object.keys(headers).filter((header) => header.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('every port that the stack opens', () => {
  const addresses = () =>
    servers.map((server) => {
      const { address, port } = server.address() as AddressInfo;
      return `http://${address}:${port}`;
    });

  test('is that of an address in stack.json', () => {
    const told = [aws.api, aws.dynamodb, aws.sqs, aws.events, aws.s3, openai.url, pinecone.url];
    expect(addresses().toSorted()).toEqual(told.map((url) => new URL(url).origin).toSorted());
  });

  test('serves no object to a program without a key, and takes none', async () => {
    for (const url of addresses()) {
      for (const method of ['PUT', 'GET', 'DELETE']) {
        const { status } = await rawRequest(`${url}/objects/forged`, { method, body: 'x' });
        expect([url, method, status >= 400]).toEqual([url, method, true]);
      }
      expect((await rawRequest(`${url}/objects`)).status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('a page of another origin', () => {
  const preflight = {
    origin: 'https://evil.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-amz-target,authorization,api-key',
    'access-control-request-private-network': 'true',
  };

  test('gets no permission from a preflight of any part', async () => {
    for (const url of [
      aws.dynamodb,
      aws.sqs,
      aws.events,
      aws.s3,
      `${aws.s3}/objects/k`,
      openai.url,
      pinecone.url,
      `${aws.api}/runs`,
    ]) {
      const { status, headers } = await rawRequest(url, { method: 'OPTIONS', headers: preflight });
      expect([url, status]).toEqual([url, 403]);
      expect(Object.keys(headers).filter((header) => header.startsWith('access-control'))).toEqual([]);
    }
  });

  test('starts nothing by a request that browsers send without a preflight', async () => {
    const before = JSON.parse((await rawRequest(`${aws.api}/runs`)).text).calls;
    const simple = { origin: 'https://evil.example', 'content-type': 'text/plain' };
    const body = '{"prompt": "Spend."}';
    expect((await rawRequest(`${aws.api}/runs`, { method: 'POST', headers: simple, body })).status).toBe(403);
    // A form of a page without an origin of its own, as in a sandboxed frame.
    const form = { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' };
    expect((await rawRequest(`${aws.api}/runs`, { method: 'POST', headers: form, body })).status).toBe(403);
    expect(JSON.parse((await rawRequest(`${aws.api}/runs`)).text).calls).toBe(before + 1);
  });

  test('may link to the gateway’s pages, but not show them in a frame', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const open = (dest: string) =>
      rawRequest(`${aws.api}/runs`, { headers: { ...link, 'sec-fetch-dest': dest } });
    expect((await open('document')).status).toBe(200);
    expect((await open('iframe')).status).toBe(403);
  });
});

test('the gateway’s own pages may send requests', async () => {
  const { origin, host } = new URL(aws.api);
  const own = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  expect((await rawRequest(`${aws.api}/runs`, { method: 'POST', headers: own, body: '{}' })).status).toBe(
    200,
  );
  const named = host.replace('127.0.0.1', 'localhost');
  const headers = { host: named, origin: `http://${named}` };
  expect((await rawRequest(`${aws.api}/runs`, { method: 'POST', headers, body: '{}' })).status).toBe(200);
  const other = { ...headers, host };
  expect((await rawRequest(`${aws.api}/runs`, { method: 'POST', headers: other, body: '{}' })).status).toBe(
    403,
  );
});

describe('the name that a request came under', () => {
  let server: HttpListener;
  beforeAll(async () => {
    server = await listen(
      createServer({ requireHostHeader: false }, (request, response) =>
        response.end(`${strangerIn(request) === undefined} ${strangerToPages(request) === undefined}`),
      ),
    );
  });
  afterAll(() => server?.close());

  test.each([
    ['Host: 127.0.0.1:80', 'true true'],
    ['', 'false false'],
    ['Host:', 'false false'],
    ['Host: 127.0.0.1:80@evil.example', 'false false'],
    ['Host: localhost.evil.example', 'false false'],
    ['Host: 127.0.0.1.', 'false false'],
    ['Host: 127.1', 'false false'],
    ['Host: 0.0.0.0:80', 'false false'],
    ['Host: evil.example#127.0.0.1', 'false false'],
  ])('by the header "%s" is one of this machine’s: %s', async (header, served) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end(`GET / HTTP/1.0\r\n${header}${header && '\r\n'}\r\n`);
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer.split('\r\n\r\n')[1]).toBe(served);
  });
});
