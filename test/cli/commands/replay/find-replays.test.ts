import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findReplays, type Replay, replayOfUrls } from '../../../../cli/commands/replay/find-replays.ts';
import { makeSqsDeadLetters } from '../../../../lib/adapters/aws/sqs-dead-letters.ts';
import { replayDeadLetters } from '../../../../lib/operate/replay-dead-letters.ts';
import { type Sqs, startSqs } from '../../../../local/aws/sqs/start-sqs.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';

const account = '000000000000';
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`;
const queue = (id: string, deadLetters?: string) => {
  const policy = JSON.stringify({ deadLetterTargetArn: arnOf(`app-${deadLetters}`), maxReceiveCount: 5 });
  const attributes: Record<string, string> = deadLetters ? { RedrivePolicy: policy } : {};
  return { id, name: `app-${id}`, arn: arnOf(`app-${id}`), attributes };
};

let folder: string;
let server: Sqs;
let client: SQSClient;
let urls: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everytoken-replay-'));
  const ids = ['JobsDeadLetters', 'RuleDeadLetters', 'EmbedDeadLetters'];
  const queues = [
    ...ids.map((id) => queue(id)),
    queue('JobsQueue', 'JobsDeadLetters'),
    queue('EmbedQueue', 'EmbedDeadLetters'),
  ];
  server = await startSqs({ folder, queues, region: 'us-east-1', account, keys, log: () => {} });
  client = new SQSClient({ endpoint: server.url, region: 'us-east-1', credentials: awsKey });
  urls = Object.fromEntries(queues.map(({ id, name }) => [id, server.queueUrl(name)]));
});
afterAll(async () => {
  client?.destroy();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const put = (id: string, body: string, attributes: Record<string, string> = {}) =>
  client.send(
    new SendMessageCommand({
      QueueUrl: urls[id],
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );
const taken = async (id: string) => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: urls[id], MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body }) => Body).sort();
};
const run = ({ url, routeOf }: Replay) =>
  replayDeadLetters(makeSqsDeadLetters(client, url), routeOf, { limit: 100 });

describe('the dead letters of a stack', () => {
  test('of a queue go back to it, found by its redrive policy, under either name', async () => {
    await put('JobsDeadLetters', 'one');
    await put('JobsDeadLetters', 'two');
    const [replay, ...others] = await findReplays(client, urls, 'JobsQueue');
    expect(others).toEqual([]);
    expect((await findReplays(client, urls, 'JobsDeadLetters')).map(({ name }) => name)).toEqual([
      replay?.name,
    ]);
    if (!replay) throw new Error('nothing was found');
    expect(await makeSqsDeadLetters(client, replay.url).depth()).toBe(2);
    expect(await run(replay)).toEqual({ moved: 2, foreign: 0, failed: 0 });
    expect(await makeSqsDeadLetters(client, replay.url).depth()).toBe(0);
    expect(await taken('JobsQueue')).toEqual(['one', 'two']);
  });

  test('of a rule go to its target queue, and to no queue outside the stack', async () => {
    await put('RuleDeadLetters', 'event', {
      TARGET_ARN: arnOf('app-EmbedQueue'),
      ERROR_CODE: 'NO_PERMISSIONS',
    });
    await put('RuleDeadLetters', 'stranger', { TARGET_ARN: arnOf('somebody-else') });
    const [replay] = await findReplays(client, urls, 'RuleDeadLetters');
    if (!replay) throw new Error('nothing was found');
    expect(await run(replay)).toEqual({ moved: 1, foreign: 1, failed: 0 });
    expect(await taken('EmbedQueue')).toEqual(['event']);
  });

  test('are all replayed without a name; an unknown name is refused with the known ones', async () => {
    const names = (await findReplays(client, urls, undefined)).map(({ name }) => name).sort();
    expect(names).toEqual(['EmbedDeadLetters', 'JobsDeadLetters', 'RuleDeadLetters']);
    await expect(findReplays(client, urls, 'Nothing')).rejects.toThrow(/JobsDeadLetters/);
  });

  test('of a deployment are found by the URL of its queue', async () => {
    await put('JobsDeadLetters', 'three');
    const replay = await replayOfUrls(client, { queueUrl: urls.JobsQueue ?? '', deadLettersUrl: undefined });
    expect(replay.name).toBe('app-JobsDeadLetters');
    expect(await run(replay)).toEqual({ moved: 1, foreign: 0, failed: 0 });
    expect(await taken('JobsQueue')).toEqual(['three']);
    const without = { queueUrl: urls.RuleDeadLetters ?? '', deadLettersUrl: undefined };
    await expect(replayOfUrls(client, without)).rejects.toThrow('no dead-letter queue');
  });
});
