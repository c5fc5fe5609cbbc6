import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type StoreAnswer = { status: number; headers: IncomingMessage['headers']; body: Buffer };

/** A client of the S3 that keeps the objects, over HTTP. */
export type ObjectStore = {
  /** Forwards a request and streams its body. The answer's body is a stream, too. */
  forward: (
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body?: Readable,
  ) => Promise<IncomingMessage>;
  /** Sends a request with a small body and reads the whole answer. */
  send: (
    method: string,
    path: string,
    headers?: OutgoingHttpHeaders,
    body?: Uint8Array | string,
  ) => Promise<StoreAnswer>;
  close: () => void;
};

export const readWhole = async (answer: IncomingMessage): Promise<StoreAnswer> => ({
  status: answer.statusCode ?? 500,
  headers: answer.headers,
  body: Buffer.concat(await answer.toArray()),
});

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect']);

/** The headers that a proxy forwards: all but the hop-by-hop ones. */
export const endToEnd = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));

export const makeObjectStore = (url: string): ObjectStore => {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(url);

  const begin = (method: string, path: string, headers: OutgoingHttpHeaders) => {
    const own = { ...headers, host: `${hostname}:${port}` };
    const outgoing = request({ agent, hostname, port, method, path, headers: own });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve).on('error', reject);
    });
    answered.catch(() => {}); // no unhandled rejection when the body's pipeline fails first
    return { outgoing, answered };
  };

  return {
    forward: async (method, path, headers, body) => {
      const { outgoing, answered } = begin(method, path, headers);
      if (body) await Promise.race([pipeline(body, outgoing), answered]);
      else outgoing.end();
      return answered;
    },
    send: async (method, path, headers = {}, body = '') => {
      const bytes = Buffer.from(body);
      const { outgoing, answered } = begin(method, path, { ...headers, 'content-length': bytes.length });
      outgoing.end(bytes);
      return readWhole(await answered);
    },
    close: () => agent.destroy(),
  };
};
