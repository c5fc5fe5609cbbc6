import {
  DescribeEventBusCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEventBus } from '../../../../local/aws/events/start-event-bus.ts';
import type { HttpListener } from '../../../../local/http.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';

const rule = (id: string, maxAttempts: number, deadLetterArn: string | undefined) => ({
  ...{ id, name: id, busName: 'own', everyMs: undefined },
  arn: `arn:rule/${id}`,
  pattern: { 'detail-type': [id] },
  targets: [
    { id: 't', arn: `arn:queue:${id}`, input: undefined, maxAttempts, maxAgeMs: 60_000, deadLetterArn },
  ],
});

type Sent = { queue: string; attributes: Record<string, string> };
let sent: Sent[] = [];
/** How many more times each queue refuses. */
let refusals: Record<string, number> = {};
let bus: HttpListener;
let client: EventBridgeClient;

beforeAll(async () => {
  bus = await startEventBus({
    keys,
    buses: [{ id: 'Bus', name: 'own', arn: 'arn:aws:events:us-east-1:000000000000:event-bus/own' }],
    rules: [
      rule('Twice', 5, 'arn:queue:dead'),
      rule('Once', 1, 'arn:queue:dead'),
      rule('Alone', 1, undefined),
    ],
    account: '000000000000',
    region: 'us-east-1',
    sendToQueue: async (queue, _, attributes = {}) => {
      if ((refusals[queue] ?? 0) > 0) {
        refusals[queue] = (refusals[queue] ?? 0) - 1;
        throw new Error('busy');
      }
      sent.push({ queue, attributes });
    },
    log: () => {},
  });
  client = new EventBridgeClient({
    region: 'us-east-1',
    endpoint: bus.url,
    credentials: awsKey,
  });
});
beforeEach(() => {
  sent = [];
  refusals = {};
});
afterAll(async () => {
  client.destroy();
  await bus.close();
});

const entry = (detailType: string, more: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  EventBusName: 'own',
  Source: 's',
  DetailType: detailType,
  Detail: '{}',
  ...more,
});
const put = (...entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries: entries }));

describe('delivery', () => {
  test('is retried before the sender gets its answer', async () => {
    refusals = { 'arn:queue:Twice': 2 };
    expect((await put(entry('Twice'))).FailedEntryCount).toBe(0);
    expect(sent).toEqual([{ queue: 'arn:queue:Twice', attributes: {} }]);
  });

  test('goes to the dead letters once the rule’s attempts are used up', async () => {
    refusals = { 'arn:queue:Once': 9 };
    expect((await put(entry('Once'))).FailedEntryCount).toBe(0);
    expect(sent).toEqual([
      {
        queue: 'arn:queue:dead',
        attributes: {
          RULE_ARN: 'arn:rule/Once',
          TARGET_ARN: 'arn:queue:Once',
          ERROR_CODE: 'SDK_CLIENT_ERROR',
          ERROR_MESSAGE: 'busy',
          RETRY_ATTEMPTS: '1',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        },
      },
    ]);
    expect(refusals['arn:queue:Once']).toBe(7);
  });

  test('refuses the entry, and no other, when no queue accepts it', async () => {
    refusals = { 'arn:queue:Alone': 9 };
    const { FailedEntryCount, Entries } = await put(entry('Twice'), entry('Alone'));
    expect(FailedEntryCount).toBe(1);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, 'InternalFailure']);
  });
});

describe('PutEvents', () => {
  test('accepts at most ten entries and one megabyte', async () => {
    expect((await put(...Array.from({ length: 10 }, () => entry('None')))).Entries).toHaveLength(10);
    await expect(put(...Array.from({ length: 11 }, () => entry('None')))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const detail = (bytes: number) =>
      JSON.stringify({ x: 'é'.repeat((bytes - 8 - 's'.length - 'None'.length) / 2) });
    expect((await put(entry('None', { Detail: detail(1024 * 1024 - 1) }))).FailedEntryCount).toBe(0);
    await expect(put(entry('None', { Detail: detail(1024 * 1024 + 3) }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test.each([
    ['no source', { Source: undefined }, 'InvalidArgument'],
    ['no detail type', { DetailType: undefined }, 'InvalidArgument'],
    ['no detail', { Detail: undefined }, 'InvalidArgument'],
    ['a list as detail', { Detail: '[1]' }, 'MalformedDetail'],
    ['AWS’s own source', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
    ['an unknown bus', { EventBusName: 'other' }, 'ResourceNotFoundException'],
  ])('refuses an entry with %s', async (_, more, code) => {
    const { Entries } = await put({ ...entry('None'), ...more } as PutEventsRequestEntry);
    expect(Entries?.[0]?.ErrorCode).toBe(code);
  });
});

test('the events service describes and lists its buses', async () => {
  expect(await client.send(new DescribeEventBusCommand({ Name: 'own' }))).toMatchObject({ Name: 'own' });
  const { EventBuses } = await client.send(new ListEventBusesCommand({}));
  expect(EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'own']);
  await expect(client.send(new DescribeEventBusCommand({ Name: 'x' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
