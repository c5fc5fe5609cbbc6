import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sqs, startSqs } from '../../../local/aws/sqs/start-sqs.ts';
import { awsKey, awsVariables, keys, stackCredentials } from '../../fixtures/aws-key.ts';
import { expectRefusals, runEverytoken } from '../run-everytoken.ts';

const account = '000000000000';
const arnOf = (id: string) => `arn:aws:sqs:us-east-1:${account}:app-${id}`;
const queue = (id: string, attributes: Record<string, string> = {}) => ({
  ...{ id, name: `app-${id}`, arn: arnOf(id), attributes },
});
const queues = [
  queue('JobsDeadLetters'),
  queue('JobsQueue', {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('JobsDeadLetters'), maxReceiveCount: 5 }),
  }),
];

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-replay-'));
let server: Sqs;
let client: SQSClient;
let urls: Record<string, string>;

beforeAll(async () => {
  server = await startSqs({
    keys,
    folder: dataDir,
    queues,
    region: 'us-east-1',
    account,
    log: () => {},
  });
  client = new SQSClient({ endpoint: server.url, region: 'us-east-1', credentials: awsKey });
  urls = Object.fromEntries(queues.map(({ id, name }) => [id, server.queueUrl(name)]));
});
afterAll(async () => {
  client?.destroy();
  await server?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const putLetter = () =>
  client.send(new SendMessageCommand({ QueueUrl: urls.JobsDeadLetters, MessageBody: 'a letter' }));
const replay = (args: string[], variables: Record<string, string> = {}) =>
  runEverytoken(['replay', ...args], dataDir, variables);

/** The variables of a shell that is set up for a deployment. */
const deployed = () => ({
  AWS_ENDPOINT_URL_SQS: server.url,
  AWS_REGION: 'us-east-1',
  ...awsVariables,
});

describe('everytoken replay', () => {
  test('counts and moves the dead letters of the running local stack', async () => {
    await putLetter();
    const file = join(dataDir, 'stack.json');
    const stack = { sqs: server.url, queues: urls, buckets: {}, table: 'runs' };
    writeFileSync(file, JSON.stringify({ ...stack, credentials: stackCredentials() }));
    expect(await replay(['--dry-run'])).toEqual({ status: 0, out: 'JobsDeadLetters: 1 waiting\n', err: '' });
    const moved = { status: 0, out: 'JobsDeadLetters: 1 moved\n', err: '' };
    expect(await replay(['--queue', 'JobsQueue'])).toEqual(moved);
    expect((await replay(['--dry-run'])).out).toBe('JobsDeadLetters: 0 waiting\n');
    expect((await replay(['--queue', 'Nothing'])).err).toBe(
      "error: no dead-letter queue 'Nothing'; choose one of JobsDeadLetters\n",
    );
    rmSync(file);
  });

  test("moves a deployment's dead letters by the queue's URL", async () => {
    await putLetter();
    const { status, out } = await replay(['--queue-url', urls.JobsQueue ?? ''], deployed());
    expect([status, out]).toEqual([0, 'app-JobsDeadLetters: 1 moved\n']);
  });

  test('reports an error in one line with the remedy', async () => {
    const url = urls.JobsQueue ?? '';
    const cases: [ReturnType<typeof replay>, RegExp][] = [
      [replay([]), /no local stack runs in .*: start one \(npm start\), or name a deployment's queue/],
      [replay([], { TABLE_NAME: 'runs' }), /TABLE_NAME is set: unset it, or name .* with --queue-url/],
      [replay(['--limit', '0']), /--limit is a whole number from 1; usage: npx everytoken replay/],
      [replay(['--queue-url', `${url}s`], deployed()), /JobsQueues: .*check the queue's URL/],
      [replay(['--queue-url', url], { ...deployed(), AWS_REGION: '' }), /set AWS_REGION/],
    ];
    await expectRefusals(cases);
  });

  test('prints its help and options without a stack', async () => {
    const { status, out } = await replay(['--help']);
    expect(status).toBe(0);
    for (const option of ['--queue', '--queue-url', '--dead-letters-url', '--limit', '--dry-run']) {
      expect(out).toContain(`\n  ${option}`);
    }
    expect((await runEverytoken(['--help'], dataDir)).out).toMatch(/^ {2}replay +moves dead letters back/m);
  });
}, 30_000);
