export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

const encoder = new TextEncoder();

/** One server-sent event; JSON has no line breaks of its own, so it is always one data line. */
export const encodeEvent = (name: string, data: unknown): Uint8Array =>
  encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

/** An event without a name, as OpenAI's API streams them. */
export const encodeData = (data: unknown): Uint8Array => encoder.encode(`data: ${JSON.stringify(data)}\n\n`);

/** The event that ends a stream of OpenAI's API. */
export const DONE = encoder.encode('data: [DONE]\n\n');

const COMMENT = encoder.encode(': still here\n\n');

export type EventStream = {
  body: ReadableStream<Uint8Array>;
  /** Adds an encoded event, or does nothing once the stream is over. Never waits, never throws. */
  send(event: Uint8Array): void;
  /** Adds the last event, even to a full buffer, and ends the stream. */
  end(last: Uint8Array): void;
};

/**
 * A stream of events whose reader never holds up its writer. Up to `maxUnsentBytes` are buffered for a slow reader; an
 * event that comes when the buffer is full ends the stream with `overflow()` instead. The stream also ends when the
 * reader leaves. A comment goes out every `commentMs`, so that no proxy takes the silence of a thinking model for a
 * dead connection.
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
  let unsent: Uint8Array[] = [];
  let unsentBytes = 0;
  let isOver = false;
  let hasLeft = false;
  let wake = () => {};

  const add = (bytes: Uint8Array) => {
    unsent.push(bytes);
    unsentBytes += bytes.byteLength;
    wake();
  };
  const finish = () => {
    isOver = true;
    clearInterval(comments);
    wake();
  };
  const send = (event: Uint8Array) => {
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
        if (unsent.length > 0) controller.enqueue(Buffer.concat(unsent));
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
