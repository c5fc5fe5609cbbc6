import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { makeSqsJobQueue } from '../../../../lib/adapters/aws/sqs-queues.ts';
import type { Job } from '../../../../lib/runs/ports.ts';

type Entry = { Id: string; MessageBody: string; DelaySeconds?: number };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** SQS's side of SendMessageBatch, which refuses some messages. */
const startSqs = async (refuses: (entry: Entry, requests: number) => boolean) => {
  const accepted: Entry[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      requests += 1;
      const { Entries }: { Entries: Entry[] } = JSON.parse(Buffer.concat(parts).toString());
      expect(Entries.length).toBeLessThanOrEqual(10);
      const [refused, taken] = [
        Entries.filter((entry) => refuses(entry, requests)),
        Entries.filter((entry) => !refuses(entry, requests)),
      ];
      accepted.push(...taken);
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(
        JSON.stringify({
          Successful: taken.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })),
          Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new SQSClient({
    endpoint: address,
    region: 'us-east-1',
    md5: false,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  closing.push(() => {
    client.destroy();
    server.close();
  });
  return { queue: makeSqsJobQueue(client, `${address}/000000000000/jobs`), accepted, count: () => requests };
};

const jobs = (count: number): Job[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'run', run_id: `run_${at}` }));
const idsOf = (entries: Entry[]) => entries.map(({ MessageBody }) => JSON.parse(MessageBody).run_id).sort();
const ids = (count: number) =>
  jobs(count)
    .map((job) => job.type === 'run' && job.run_id)
    .sort();

test('jobs are sent in requests of ten', async () => {
  const { queue, accepted, count } = await startSqs(() => false);
  await queue.sendAll(jobs(123), { delaySeconds: 3 });
  expect(idsOf(accepted)).toEqual(ids(123));
  expect(count()).toBe(13);
  expect(accepted.every(({ DelaySeconds }) => DelaySeconds === 3)).toBe(true);
  await queue.sendAll([]);
  expect(count()).toBe(13);
});

test('only the jobs that were refused are sent again', async () => {
  const { queue, accepted } = await startSqs(({ Id }, requests) => requests === 1 && Number(Id) % 3 === 0);
  await queue.sendAll(jobs(10));
  expect(idsOf(accepted)).toEqual(ids(10));
});

test('jobs that keep being refused are a retryable error', async () => {
  const { queue, accepted } = await startSqs(({ MessageBody }) => MessageBody.includes('run_4'));
  await expect(queue.sendAll(jobs(10))).rejects.toMatchObject({ name: 'UpstreamError', retryable: true });
  expect(accepted).toHaveLength(9);
});

test('the X-Ray header is sent as a system attribute of the message, and a delay is sent too', async () => {
  const requests: unknown[] = [];
  const server = createServer(async (request, response) => {
    requests.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"MessageId":"1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SQSClient({ endpoint, region: 'us-east-1', md5: false, credentials });
  closing.push(() => {
    client.destroy();
    server.close();
  });
  const queue = makeSqsJobQueue(client, `${endpoint}/000000000000/jobs`);
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  await queue.send({ type: 'run', run_id: 'run_1' }, { delaySeconds: 3, traceHeader });
  await queue.send({ type: 'run', run_id: 'run_2' });
  expect(requests).toMatchObject([
    {
      DelaySeconds: 3,
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    },
    { MessageBody: '{"type":"run","run_id":"run_2"}' },
  ]);
  expect(requests[1]).not.toHaveProperty('MessageSystemAttributes');
});
