import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { type JsonObject, parseObject } from '../json.ts';
import { ApiError } from './api-error.ts';

/** The bindings in `c.env`: Node's own request and response, so that a stream goes straight to the socket. */
export type Call = HttpBindings & {
  /** The request's arrival on the monotonic clock, in ms. */
  arrivalMs: number;
  /** Aborted when the client disconnects. */
  signal: AbortSignal;
};

export type Env = { Bindings: Call };

/**
 * Reads the bytes of a body; `what` names it in the error.
 *
 * @throws {ApiError} 413 when it is longer than `limit` bytes; the rest stays unread.
 */
export const readBytes = async (request: IncomingMessage, limit: number, what: string): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw new ApiError(413, `The ${what} is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Reads a request's body as a JSON object.
 *
 * @throws {ApiError} 400 for any other body, 413 for one of more than 8 MiB.
 */
export const readBody = async (request: IncomingMessage): Promise<JsonObject> => {
  const body = parseObject((await readBytes(request, MAX_BODY_BYTES, 'request body')).toString('utf8'));
  if (!body) throw new ApiError(400, 'The body of the request is not a valid JSON object.');
  return body;
};
