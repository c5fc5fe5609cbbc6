import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StackState, startCloudFormation } from '../../factories/cloudformation-server.ts';
import { awsVariables, stackCredentials } from '../../fixtures/aws-key.ts';
import { expectMisuses, runEverytoken } from '../run-everytoken.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-outputs-'));
const stacks = new Map<string, StackState>();
let cloudformation: Awaited<ReturnType<typeof startCloudFormation>>;
beforeAll(async () => {
  cloudformation = await startCloudFormation(stacks);
});
afterAll(async () => {
  await cloudformation?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const api = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
const OUTPUTS = {
  ServiceEndpoint: api,
  TableName: 'everytoken-prod-Table-1',
  ContentBucketName: 'everytoken-prod-1-eu-west-1',
  BusName: 'everytoken',
  JobsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs',
  JobsDeadLettersUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs-dead',
  PineconeIndex: 'autogen-text',
  PineconeNamespace: 'prod:',
};
const outputs = (...words: string[]) =>
  runEverytoken(['outputs', ...words], dataDir, {
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudformation.url,
    AWS_REGION: 'eu-west-1',
    ...awsVariables,
  });

test('prints what a person and a program need of a stage, and what to run next', async () => {
  stacks.set('everytoken-prod', {
    outputs: {
      ...OUTPUTS,
      AlarmTopicArn: 'arn:aws:sns:eu-west-1:1:everytoken-prod-alarms',
      DashboardName: 'everytoken-prod',
    },
  });
  const { status, out, err } = await outputs('--stage', 'prod');
  expect([status, err]).toEqual([0, '· stage prod in eu-west-1 · table everytoken-prod-Table-1\n']);
  const console = 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1';
  expect(out.split('\n').map((line) => line.replace(/ {2,}/, ' = '))).toEqual([
    `API = ${api}`,
    `pages = ${api}/docs`,
    'region = eu-west-1',
    'table = everytoken-prod-Table-1',
    'bucket = everytoken-prod-1-eu-west-1',
    'prompt files = s3://everytoken-prod-1-eu-west-1/prompts/@CALLER/',
    'results = s3://everytoken-prod-1-eu-west-1/results/prompts/@CALLER/',
    'event bus = everytoken',
    'index = autogen-text, namespaces prod:…',
    'JobsQueue = https://sqs.eu-west-1.amazonaws.com/1/jobs',
    'dead letters = Jobs (their addresses: --json)',
    'alarms = arn:aws:sns:eu-west-1:1:everytoken-prod-alarms',
    ` = ${console}#alarmsV2:?search=everytoken-prod`,
    `dashboard = ${console}#dashboards/dashboard/everytoken-prod`,
    'next = export EVERYTOKEN_KEY=$(npx everytoken keys add me --stage prod)',
    ' = npx everytoken run "Explain vector databases." --stage prod',
    ' = npx everytoken doctor --stage prod',
    '',
  ]);
}, 300_000);

test('--json has the same, with null for alarms and a dashboard that are switched off', async () => {
  stacks.set('everytoken-dev', { outputs: OUTPUTS });
  const { out } = await outputs('--stage', 'dev', '--json');
  expect(JSON.parse(out)).toMatchObject({
    ...{ deployment: 'stage dev in eu-west-1', api, alarms: null, dashboard: null },
    queues: { JobsQueue: OUTPUTS.JobsQueueUrl },
    dead_letters: { JobsDeadLetters: OUTPUTS.JobsDeadLettersUrl },
  });
}, 300_000);

test('prints those of the running local stack, with the folder that takes prompt files', async () => {
  const file = join(dataDir, 'stack.json');
  const stack = { api: 'http://127.0.0.1:3000', table: 'runs', bus: 'everytoken', index: 'autogen-text' };
  writeFileSync(file, JSON.stringify({ ...stack, buckets: {}, queues: {}, credentials: stackCredentials() }));
  const { status, out } = await outputs();
  rmSync(file);
  expect(status).toBe(0);
  expect(out).toContain(`${join(dataDir, 'drop/')}\n`);
  expect(out).toMatch(/^next +npx everytoken run "Explain vector databases\."\n/m);
  await expectMisuses([
    [
      runEverytoken(['outputs'], dataDir, { TABLE_NAME: 'runs' }),
      /TABLE_NAME names a table alone: give --stage, or unset it/,
    ],
  ]);
}, 300_000);
