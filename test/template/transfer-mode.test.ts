import { beforeAll, expect, test } from 'vitest';
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
  ['', 'to AWS'],
  ['https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com', 'to AWS by an endpoint of one’s own'],
])(
  'a deployment with AWS_ENDPOINT_URL %j, %s, streams',
  async (endpoint) => {
    const streamed = { gateway: 'STREAM', streams: true, function: 'STREAM' };
    expect(await modesOf('prod', endpoint)).toEqual(streamed);
  },
  PACKAGING_MS,
);

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
    expect(await modesOf('local', 'http://127.0.0.1:4566')).toMatchObject({
      gateway: 'STREAM',
      streams: true,
    });
  },
  PACKAGING_MS,
);
