export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

const encoder = new TextEncoder();

/** Encodes a named server-sent event. Serialised JSON has no line breaks, so one data line is enough. */
export const encodeEvent = (name: string, data: unknown): Uint8Array =>
  encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

/** Encodes an event without a name, as OpenAI's API streams them. */
export const encodeData = (data: unknown): Uint8Array => encoder.encode(`data: ${JSON.stringify(data)}\n\n`);

/** The last event of a stream in OpenAI's API. */
export const DONE = encoder.encode('data: [DONE]\n\n');

const bytesOf = (event: Uint8Array | LateEvent): Uint8Array =>
  event instanceof Uint8Array ? event : event.encode();

const COMMENT = encoder.encode(': still here\n\n');

/** An event that is encoded when it is handed to the reader; it has `maxBytes` at most. */
export type LateEvent = { maxBytes: number; encode: () => Uint8Array };

/** The most bytes of a number and of the name of its field. */
const MAX_FIELD_BYTES = 64;

/**
 * A named event with one more field, a number that is known when the event is handed to the reader. The rest is
 * serialised at once, so that its size is known while it waits.
 *
 * @example
 * stream.send(withLateField('generation.token', { index: 0, text: 'Vec' }, 'sent_ms', () => clock.monotonic() - t0));
 */
export const withLateField = (name: string, data: object, field: string, value: () => number): LateEvent => {
  const known = `event: ${name}\ndata: ${JSON.stringify(data).slice(0, -1)},"${field}":`;
  return {
    maxBytes: Buffer.byteLength(known) + MAX_FIELD_BYTES,
    encode: () => encoder.encode(`${known}${value()}}\n\n`),
  };
};

export type EventStream = {
  body: ReadableStream<Uint8Array>;
  /** Queues an event; does nothing once the stream has ended. Never blocks, never throws. */
  send(event: Uint8Array | LateEvent): void;
  /** Queues the last event, even when the buffer is full, and ends the stream. */
  end(last: Uint8Array): void;
};

/**
 * An event stream whose reader never blocks its writer. It buffers up to `maxUnsentBytes` for a slow reader; an event
 * that arrives at a full buffer ends the stream with `overflow()` instead. The stream also ends when the reader
 * disconnects. A comment is sent every `commentMs`, so that no proxy closes the connection while a model is silent.
 *
 * @example
 * const stream = makeEventStream({ maxUnsentBytes: 1024 * 1024, commentMs: 15_000, overflow });
 * stream.send(encodeEvent('run.created', run));
 * return new Response(stream.body, { headers: EVENT_STREAM_HEADERS });
 */
export const makeEventStream = ({
  maxUnsentBytes,
  commentMs,
  overflow,
}: {
  maxUnsentBytes: number;
  commentMs: number;
  overflow: () => Uint8Array;
}): EventStream => {
  let unsent: (Uint8Array | LateEvent)[] = [];
  let unsentBytes = 0;
  let isOver = false;
  let hasLeft = false;
  let wake = () => {};

  const add = (event: Uint8Array | LateEvent) => {
    unsent.push(event);
    unsentBytes += event instanceof Uint8Array ? event.byteLength : event.maxBytes;
    wake();
  };
  const finish = () => {
    isOver = true;
    clearInterval(comments);
    wake();
  };
  const send = (event: Uint8Array | LateEvent) => {
    if (isOver) return;
    if (unsentBytes >= maxUnsentBytes) return end(overflow());
    add(event);
  };
  const end = (last: Uint8Array) => {
    if (isOver) return;
    add(last);
    finish();
  };
  const comments = setInterval(() => {
    if (unsentBytes === 0) add(COMMENT);
  }, commentMs);

  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (unsent.length === 0 && !isOver) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (hasLeft) return;
        if (unsent.length > 0) controller.enqueue(Buffer.concat(unsent.map(bytesOf)));
        unsent = [];
        unsentBytes = 0;
        if (isOver) controller.close();
      },
      cancel: () => {
        hasLeft = true;
        unsent = [];
        finish();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, send, end };
};
