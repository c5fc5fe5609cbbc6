import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sqs, startSqs } from '../../../local/aws/sqs/start-sqs.ts';
import { awsKey, awsVariables, keys, stackCredentials } from '../../fixtures/aws-key.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

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
    const counted = await replay(['--dry-run']);
    expect(counted).toEqual({
      status: 0,
      out: 'queue            waiting\nJobsDeadLetters        1\n',
      err: '· local stack · table runs\n',
    });
    expect(JSON.parse((await replay(['--queue', 'JobsQueue', '--json'])).out)).toEqual({
      data: [{ queue: 'JobsDeadLetters', waiting: 1, moved: 1, skipped: 0, not_moved: 0 }],
    });
    expect((await replay(['--dry-run'])).out).toMatch(/^JobsDeadLetters +0$/m);
    expect((await replay(['--queue', 'Nothing'])).err).toMatch(
      /^error: no dead-letter queue 'Nothing'; choose one of JobsDeadLetters\n/m,
    );
    rmSync(file);
  });

  test("moves a deployment's dead letters by the queue's URL", async () => {
    await putLetter();
    const { status, out, err } = await replay(['--queue-url', urls.JobsQueue ?? ''], deployed());
    expect([status, err]).toEqual([0, `· queue ${urls.JobsQueue}\n`]);
    expect(out).toMatch(
      /^queue +waiting +moved +without target +not moved\napp-JobsDeadLetters +1 +1 +0 +0\n$/,
    );
  });

  test('reports an error in one line with the remedy', async () => {
    const url = urls.JobsQueue ?? '';
    const cases: [ReturnType<typeof replay>, RegExp][] = [
      [replay([]), /no local stack runs in .*: start one \(npm start\), or name a deployment with --stage/],
      [
        replay([], { TABLE_NAME: 'runs' }),
        /TABLE_NAME names no queues: unset it, name a stage with --stage, or .* with --queue-url/,
      ],
      [replay(['--queue-url', `${url}s`], deployed()), /JobsQueues: .*check .* the URL of the queue/],
      [replay(['--queue-url', url], { ...deployed(), AWS_REGION: '' }), /set AWS_REGION/],
    ];
    await expectRefusals(cases);
    await expectMisuses([
      [replay(['--limit', '0']), /argument '0' is invalid: it takes a whole number from 1/],
      [replay(['--limit', 'all']), /it takes a whole number from 1/],
      [replay(['a-word']), /too many arguments/],
      [replay(['--dead-letters-url', url]), /--dead-letters-url needs --queue-url/],
      [replay(['--queue', 'JobsQueue', '--queue-url', url]), /cannot be used with option '--queue/],
    ]);
  });

  test('prints its help and options without a stack', async () => {
    const { status, out } = await replay(['--help']);
    expect(status).toBe(0);
    for (const option of ['--queue', '--queue-url', '--dead-letters-url', '--limit', '--dry-run']) {
      expect(out).toContain(`\n  ${option}`);
    }
    expect((await runEverytoken(['--help'], dataDir)).out).toMatch(/^ {2}replay +moves dead letters back/m);
  });
}, 300_000);
