import { createServer } from 'node:http';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, expect, test } from 'vitest';
import { makeEventBridgeBus } from '../../../../lib/adapters/aws/eventbridge-bus.ts';
import type { DomainEvent } from '../../../../lib/runs/ports.ts';
import { type HttpListener, listen } from '../../../../local/http.ts';
import { awsKey } from '../../../fixtures/aws-key.ts';

type Entry = { DetailType: string; Detail: string; EventBusName: string; Source: string };
let listener: HttpListener | undefined;
afterEach(async () => listener?.close());

/** A bus that refuses some entries, chosen by request and position in it. */
const open = async (refuses: (request: number, at: number) => boolean) => {
  const requests: Entry[][] = [];
  const server = createServer(async (request, response) => {
    const { Entries }: { Entries: Entry[] } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const number = requests.push(Entries) - 1;
    const answers = Entries.map((_, at) =>
      refuses(number, at)
        ? { ErrorCode: 'InternalFailure', ErrorMessage: 'again' }
        : { EventId: `${number}.${at}` },
    );
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(
      JSON.stringify({
        FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length,
        Entries: answers,
      }),
    );
  });
  listener = await listen(server, 0);
  const client = new EventBridgeClient({
    endpoint: listener.url,
    region: 'us-east-1',
    credentials: awsKey,
  });
  return { bus: makeEventBridgeBus(client, 'everytoken'), requests };
};
const events = (count: number): DomainEvent[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'RunGenerated', detail: { event_id: `e${at}` } }));
const ids = (entries: Entry[] | undefined) => entries?.map(({ Detail }) => JSON.parse(Detail).event_id);

test('an event is put on the bus under its type and source', async () => {
  const { bus, requests } = await open(() => false);
  await bus.emit([{ type: 'FileCompleted', detail: { event_id: 'a', text: 'ü' } }]);
  expect(requests).toEqual([
    [
      {
        EventBusName: 'everytoken',
        Source: 'everytoken',
        DetailType: 'FileCompleted',
        Detail: '{"event_id":"a","text":"ü"}',
      },
    ],
  ]);
});

test('characters that no queue takes are replaced, and all others are kept', async () => {
  const { bus, requests } = await open(() => false);
  await bus.emit([
    { type: 'RunGenerated', detail: { event_id: 'a', label: '\uFFFE\uFFFF 🚀\u{10FFFF}\uFFFD\0' } },
  ]);
  expect(JSON.parse(requests[0]?.[0]?.Detail ?? '').label).toBe('\uFFFD\uFFFD 🚀\u{10FFFF}\uFFFD\0');
});

test('the X-Ray header is sent beside the event, not in it', async () => {
  const { bus, requests } = await open(() => false);
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  await bus.emit([{ type: 'RunGenerated', detail: { event_id: 'a' }, traceHeader }]);
  expect(requests).toEqual([
    [expect.objectContaining({ TraceHeader: traceHeader, Detail: '{"event_id":"a"}' })],
  ]);
});

test('events are sent in requests of ten, and no event makes no request', async () => {
  const { bus, requests } = await open(() => false);
  await bus.emit([]);
  await bus.emit(events(23));
  expect(requests.map(({ length }) => length)).toEqual([10, 10, 3]);
  expect(requests.flatMap(ids)).toEqual(events(23).map(({ detail }) => detail.event_id));
});

test('only the entries that failed are sent again', async () => {
  const { bus, requests } = await open((request, at) =>
    request === 0 ? at === 1 || at === 3 : request === 1 && at === 1,
  );
  await bus.emit(events(4));
  expect(requests.map(ids)).toEqual([['e0', 'e1', 'e2', 'e3'], ['e1', 'e3'], ['e3']]);
});

test('entries refused three times are a retryable error that says how many', async () => {
  const { bus, requests } = await open((_, at) => at === 0);
  await expect(bus.emit(events(2))).rejects.toMatchObject({
    name: 'UpstreamError',
    service: 'events',
    code: 'events_refused',
    retryable: true,
    message: 'the bus refused 1 of 2 events (InternalFailure)',
  });
  expect(requests).toHaveLength(3);
});
