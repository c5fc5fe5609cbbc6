import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sqs, startSqs } from '../../../../local/aws/sqs/start-sqs.ts';
import type { QueueMapping } from '../../../../local/aws/template/stack-model.ts';
import { pollQueue } from '../../../../local/aws/triggers/poll-queue.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const arnOf = (nth: number) => `arn:aws:sqs:us-east-1:000000000000:queue-${nth}`;

let sqs: Sqs;
let client: SQSClient;
let number = 0;
let QueueUrl: string;

beforeAll(async () => {
  const queues = Array.from({ length: 4 }, (_, at) => ({
    ...{ id: `Queue${at + 1}`, name: `queue-${at + 1}`, arn: arnOf(at + 1), attributes: {} },
  }));
  sqs = await startSqs({ folder: temporaryFolder(), queues, ...PLACE, keys, log: () => {} });
  client = new SQSClient({ endpoint: sqs.url, region: PLACE.region, credentials: awsKey });
});
afterAll(async () => {
  client.destroy();
  await sqs.close();
});
beforeEach(() => {
  number += 1;
  QueueUrl = sqs.queueUrl(`queue-${number}`);
});

/** Sends messages of so many bytes, in requests of up to ten. */
const send = async (count: number, bytes = 1): Promise<void> => {
  const atOnce = Math.max(1, Math.min(10, Math.floor(1_000_000 / bytes)));
  for (let sent = 0; sent < count; sent += atOnce) {
    const Entries = Array.from({ length: Math.min(atOnce, count - sent) }, (_, at) => ({
      ...{ Id: `m${at}`, MessageBody: 'x'.repeat(bytes) },
    }));
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
};

/** Polls the queue for a function that notes its batches, with the time since the first message was sent. */
const poll = (own: Pick<QueueMapping, 'batchSize' | 'windowMs'>) => {
  const batches: { size: number; atMs: number }[] = [];
  const startedAt = performance.now();
  const mapping = {
    ...{ id: 'Mapping', queueArn: arnOf(number), functionId: 'Embed' },
    ...{ reportsItemFailures: true, maximumConcurrency: 2, ...own },
  };
  const poller = pollQueue({
    ...{ mapping, queueUrl: QueueUrl, client, region: PLACE.region, concurrency: 2, log: () => {} },
    invoke: async (_, event) => {
      const { length: size } = (event as { Records: unknown[] }).Records;
      batches.push({ size, atMs: performance.now() - startedAt });
      return undefined;
    },
  });
  return { batches, sizes: () => batches.map(({ size }) => size), close: poller.close };
};
const untilHandled = (batches: { size: number }[], messages: number) =>
  pollUntil('all messages are handled', () => batches.reduce((sum, { size }) => sum + size, 0) >= messages);

test('a batch of more than ten is gathered by several requests, and goes when it is full', async () => {
  await send(120);
  const { batches, sizes, close } = poll({ batchSize: 50, windowMs: 60_000 });
  await pollUntil('two batches are full', () => batches.length >= 2);
  expect(sizes()).toEqual([50, 50]);
  await close();
});

test('a batch that is not full goes at the end of its window, with what came within it', async () => {
  const { batches, sizes, close } = poll({ batchSize: 50, windowMs: 400 });
  await send(3);
  await send(4);
  await untilHandled(batches, 7);
  expect(sizes()).toEqual([7]);
  expect(batches[0]?.atMs).toBeGreaterThanOrEqual(400);
  await close();
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages).toEqual([]);
});

test('without a window a batch goes at once', async () => {
  await send(3);
  const { batches, sizes, close } = poll({ batchSize: 10, windowMs: 0 });
  await untilHandled(batches, 3);
  expect(sizes()).toEqual([3]);
  await close();
});

test('an invocation gets at most 6 MB of messages', async () => {
  await send(14, 900_000);
  const { batches, sizes, close } = poll({ batchSize: 50, windowMs: 500 });
  await untilHandled(batches, 14);
  expect(Math.max(...sizes())).toBe(6);
  await close();
});
