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

/** The S3 that keeps the objects, reached over HTTP. */
export type ObjectStore = {
  /** Passes a request on with its body as it comes; the answer's body is a stream. */
  forward: (
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body?: Readable,
  ) => Promise<IncomingMessage>;
  /** Asks with a small body and reads the whole answer. */
  ask: (
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

/** The headers that a proxy passes on. */
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
    answered.catch(() => {}); // a body's pipe may fail first
    return { outgoing, answered };
  };

  return {
    forward: async (method, path, headers, body) => {
      const { outgoing, answered } = begin(method, path, headers);
      if (body) await Promise.race([pipeline(body, outgoing), answered]);
      else outgoing.end();
      return answered;
    },
    ask: async (method, path, headers = {}, body = '') => {
      const bytes = Buffer.from(body);
      const { outgoing, answered } = begin(method, path, { ...headers, 'content-length': bytes.length });
      outgoing.end(bytes);
      return readWhole(await answered);
    },
    close: () => agent.destroy(),
  };
};
