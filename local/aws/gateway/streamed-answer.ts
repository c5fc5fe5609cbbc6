import type { ServerResponse } from 'node:http';
import type { ByteSink } from '../lambda/start-environment.ts';
import { validStatus } from './buffered-answer.ts';

/** Bytes buffered for a slow client before the function has to wait. */
const BUFFER_BYTES = 1024 * 1024;
/** How long the function waits for a client that reads nothing, before the client is disconnected. */
const STALL_MS = 30_000;
const MAX_PRELUDE_BYTES = 1024 * 1024;
const SEPARATOR = Buffer.alloc(8);

export type StreamedAnswer = ByteSink & {
  /** Whether the status line has been sent. */
  begun: () => boolean;
  /** Whether the bytes so far are no streamed proxy answer: no whole prelude, or one that is not valid. */
  malformed: () => boolean;
};

type Prelude = { status: number; headers: [string, string][] };

const readPrelude = (json: string): Prelude | undefined => {
  try {
    const { statusCode = 200, headers = {}, multiValueHeaders = {}, cookies = [] } = JSON.parse(json);
    const status = validStatus(statusCode);
    const pairs = [...Object.entries(headers), ...Object.entries(multiValueHeaders)].flatMap(
      ([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((item): [string, string] => [name, String(item)]),
    );
    const cookiePairs = cookies.map((cookie: unknown): [string, string] => ['set-cookie', String(cookie)]);
    return status === undefined ? undefined : { status, headers: [...pairs, ...cookiePairs] };
  } catch {
    return undefined;
  }
};

/**
 * Passes a function's stream to a client: the prelude becomes the status and headers, then each chunk is sent at once.
 * A client that reads nothing for `wait` ms while more than 1 MiB is buffered is disconnected. The function keeps
 * running when its client is gone.
 *
 * API Gateway defines the format, JSON, then eight null bytes, then the body:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export const streamAnswer = (
  response: ServerResponse,
  requestId: string,
  wait = STALL_MS,
): StreamedAnswer => {
  let head: Buffer | undefined = Buffer.alloc(0);
  let malformed = false;

  /** One wait for all pending writes: until the client has read everything, left, or read nothing for `wait` ms. */
  const untilDrained = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = response.writableLength;
    const timer = setInterval(() => {
      if (response.writableLength >= waiting) response.destroy();
      waiting = response.writableLength;
    }, wait);
    response.once('drain', resolve).once('close', resolve);
    await promise;
    clearInterval(timer);
    response.off('drain', resolve).off('close', resolve);
    draining = undefined;
  };

  let draining: Promise<void> | undefined;
  const drained = async (): Promise<void> => {
    if (response.destroyed || response.writableLength <= BUFFER_BYTES) return;
    draining ??= untilDrained();
    await draining;
  };

  /** Collects the prelude's bytes; returns the first bytes of the body once the prelude is complete. */
  const begin = (chunk: Uint8Array, sofar: Buffer): Uint8Array | undefined => {
    const bytes = Buffer.concat([sofar, chunk]);
    const cut = bytes.indexOf(SEPARATOR);
    if (cut < 0) {
      head = bytes;
      malformed = bytes.length > MAX_PRELUDE_BYTES;
      return undefined;
    }
    const prelude = readPrelude(bytes.subarray(0, cut).toString());
    head = undefined;
    malformed = prelude === undefined;
    if (!prelude || response.destroyed) return undefined;
    try {
      response.writeHead(prelude.status, [...prelude.headers, ['x-amzn-requestid', requestId]].flat());
      response.flushHeaders();
    } catch {
      malformed = true; // a header that HTTP cannot carry
      return undefined;
    }
    return bytes.subarray(cut + SEPARATOR.length);
  };

  return {
    begun: () => response.headersSent,
    malformed: () => malformed || head !== undefined,
    write: async (chunk) => {
      if (malformed) return;
      const body = head ? begin(chunk, head) : chunk;
      if (!body || body.byteLength === 0 || response.destroyed) return;
      response.write(body);
      await drained();
    },
    end: () => {
      if (!malformed && head === undefined && !response.destroyed) response.end();
    },
  };
};
