import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { UpstreamError } from '../../errors.ts';
import type { EventBus } from '../../runs/ports.ts';
import { clientOptions, withUnreadableRetry } from './client-options.ts';

const MAX_ENTRIES = 10;
const TRIES = 3;
/** The only characters of JSON text that SQS, where the rules lead, refuses. An event with one would never arrive. */
const REFUSED_BY_SQS = /[\uFFFE\uFFFF]/g;

export const makeEventBridge = () => withUnreadableRetry(new EventBridgeClient(clientOptions()));

/**
 * Puts events on an EventBridge bus, with U+FFFD in place of U+FFFE and U+FFFF. When a request fails in part, only the
 * failed entries are sent again.
 *
 * @throws {UpstreamError} `events_refused` when entries still fail after three tries.
 */
export const makeEventBridgeBus = (client: EventBridgeClient, busName: string): EventBus => ({
  emit: async (events) => {
    const entries = events.map(({ type, detail, traceHeader }) => ({
      EventBusName: busName,
      Source: 'everytoken',
      DetailType: type,
      Detail: JSON.stringify(detail).replace(REFUSED_BY_SQS, '\uFFFD'),
      ...(traceHeader !== undefined && { TraceHeader: traceHeader }),
    }));
    for (let at = 0; at < entries.length; at += MAX_ENTRIES)
      await putAll(client, entries.slice(at, at + MAX_ENTRIES));
  },
});

const putAll = async (client: EventBridgeClient, entries: PutEventsRequestEntry[]): Promise<void> => {
  let left = entries;
  let code: string | undefined;
  for (let tried = 0; tried < TRIES && left.length > 0; tried += 1) {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: left }));
    code = Entries.find(({ ErrorCode }) => ErrorCode)?.ErrorCode;
    left = left.filter((_, at) => Entries[at]?.ErrorCode);
  }
  if (left.length > 0) {
    throw new UpstreamError(
      'events',
      `the bus refused ${left.length} of ${entries.length} events (${code})`,
      {
        code: 'events_refused',
      },
    );
  }
};
