import { createParser } from 'eventsource-parser';
import type { Arrival } from '../runtime/outcome.ts';

/** A server-sent event, and the instant at which its last byte arrived. */
export type Received = { name: string; data: unknown; atMs: number };

/** The events of a body that came in pieces; OpenAI's `[DONE]` is left out. */
export const eventsOf = (arrivals: readonly Arrival[]): Received[] => {
  const events: Received[] = [];
  let now = 0;
  const parser = createParser({
    onEvent: ({ event = '', data }) => {
      if (data !== '[DONE]') events.push({ name: event, data: JSON.parse(data), atMs: now });
    },
  });
  const decoder = new TextDecoder();
  for (const { atMs, bytes } of arrivals) {
    now = atMs;
    parser.feed(decoder.decode(bytes, { stream: true }));
  }
  return events;
};

/** What is left of the pieces of an answer without its first `bytes`. */
export const bodyOf = (arrivals: readonly Arrival[], bytes: number): Arrival[] => {
  let left = bytes;
  return arrivals.flatMap((arrival) => {
    const cut = Math.min(left, arrival.bytes.length);
    left -= cut;
    return cut === arrival.bytes.length ? [] : [{ ...arrival, bytes: arrival.bytes.subarray(cut) }];
  });
};
