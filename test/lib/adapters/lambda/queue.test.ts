import type { SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { makeJsonLog } from '../../../../lib/adapters/lambda/json-log.ts';
import { failuresOf, isFirstReceive, outOfTime, waitedMsOf } from '../../../../lib/adapters/lambda/queue.ts';
import { InvalidInputError } from '../../../../lib/errors.ts';

const recordOf = (id: number): SQSRecord => ({
  messageId: `message-${id}`,
  receiptHandle: '',
  body: String(id),
  attributes: {
    ApproximateReceiveCount: '2',
    SentTimestamp: '0',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  awsRegion: 'us-east-1',
});

describe('failuresOf', () => {
  test('reports one poison message in ten, and processes the other nine', async () => {
    const worked: string[] = [];
    const lines: string[] = [];
    const answer = await failuresOf(
      Array.from({ length: 10 }, (_, id) => recordOf(id)),
      async ({ body }) => {
        if (body === '3')
          throw new InvalidInputError([{ path: '', message: 'a secret prompt' }], { code: 'bad_job' });
        worked.push(body);
      },
      makeJsonLog({}, (line) => lines.push(line)),
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-3' }] });
    expect(worked).toHaveLength(9);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        event: 'message.failed',
        message_id: 'message-3',
        receives: 2,
        code: 'bad_job',
        error: 'InvalidInputError',
      },
    ]);
    expect(lines.join()).not.toContain('secret');
  });
});

describe('isFirstReceive', () => {
  test('tells a message that no worker can have begun from one that was delivered before', () => {
    const record = recordOf(1);
    const received = (times: string) => ({
      ...record,
      attributes: { ...record.attributes, ApproximateReceiveCount: times },
    });
    expect(['1', '2', '10'].map((times) => isFirstReceive(received(times)))).toEqual([true, false, false]);
  });
});

describe('outOfTime', () => {
  test('has aborted from the start when less time is left than the reserve', async () => {
    const signal = outOfTime({ getRemainingTimeInMillis: () => 5_000 }, 10_000);
    await expect.poll(() => signal.aborted).toBe(true);
  });

  test('does not abort in a fresh invocation', () => {
    expect(outOfTime({ getRemainingTimeInMillis: () => 900_000 }).aborted).toBe(false);
  });
});

test('a message has waited from when it was sent until it was first received, if SQS says so', () => {
  const waited = (SentTimestamp: string, ApproximateFirstReceiveTimestamp: string) => {
    const record = recordOf(1);
    const times = { SentTimestamp, ApproximateFirstReceiveTimestamp };
    return waitedMsOf({ ...record, attributes: { ...record.attributes, ...times } });
  };
  expect(waited('1790000000000', '1790000004500')).toBe(4_500);
  expect(waited('1790000000010', '1790000000000')).toBe(0);
  expect(waitedMsOf({ ...recordOf(1), attributes: {} as SQSRecord['attributes'] })).toBeUndefined();
});
