import { createRequire } from 'node:module';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { copyProject, packageStage } from './package-stage.ts';
import { byId } from './stages/stage.ts';
import { at } from './template.ts';

/** Packaging takes seconds, and many of them beside other work. */
const PACKAGING_MS = 60_000;

let root: string;
beforeAll(() => {
  root = copyProject();
});

/** How the gateway returns the answers of POST /runs, which Lambda API it calls, and the function's TRANSFER_MODE. */
const modesOf = async (stage: string, endpoint: string) => {
  const { template } = await packageStage(root, stage, { environment: { AWS_ENDPOINT_URL: endpoint } });
  const { Integration } = byId(template, 'ApiGatewayMethodRunsPost');
  const { Environment } = byId(template, 'GenerateHttpLambdaFunction');
  return {
    gateway: at(Integration, 'ResponseTransferMode') ?? 'BUFFERED',
    streams: JSON.stringify(at(Integration, 'Uri')).includes('/response-streaming-invocations'),
    function: at(Environment, 'Variables', 'TRANSFER_MODE'),
  };
};

test.each([
  ['', 'STREAM'],
  ['https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com', 'STREAM'],
  ['https://dynamodb.cn-north-1.amazonaws.com.cn', 'STREAM'],
  ['http://127.0.0.1:4566', 'BUFFERED'],
  ['https://amazonaws.com.example.org', 'BUFFERED'],
])('a deployment with AWS_ENDPOINT_URL %j has the mode %s: emulators cannot stream', (endpoint, mode) => {
  const before = process.env.AWS_ENDPOINT_URL;
  onTestFinished(() => {
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
    else process.env.AWS_ENDPOINT_URL = before;
  });
  process.env.AWS_ENDPOINT_URL = endpoint;
  expect(createRequire(import.meta.url)('../../infra/transfer-mode.cjs')()).toBe(mode);
});

test(
  'a deployment to an emulator answers whole, since its gateway cannot stream',
  async () => {
    const whole = { gateway: 'BUFFERED', streams: false, function: 'BUFFERED' };
    expect(await modesOf('dev', 'http://127.0.0.1:4566')).toEqual(whole);
  },
  PACKAGING_MS,
);

test(
  'the local stack streams, also next to services of an emulator',
  async () => {
    expect(await modesOf('local', 'http://127.0.0.1:4566')).toEqual({
      ...{ gateway: 'STREAM', streams: true },
      function: 'STREAM',
    });
  },
  PACKAGING_MS,
);
