import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { Duplex } from 'node:stream';

export type StoreAnswer = { status: number; headers: IncomingMessage['headers']; body: Buffer };

/** A client of the S3 that keeps the objects. It speaks HTTP. */
export type ObjectStore = {
  /** Sends a request; the answer's body is a stream. */
  forward: (
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body?: Uint8Array,
  ) => Promise<IncomingMessage>;
  /** Sends a request and reads the whole answer. */
  send: (
    method: string,
    path: string,
    headers?: OutgoingHttpHeaders,
    body?: Uint8Array | string,
  ) => Promise<StoreAnswer>;
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

/** Each request has a connection of its own, which `connect` opens. */
export const makeObjectStore = (connect: () => Duplex): ObjectStore => {
  const forward: ObjectStore['forward'] = (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const length = body && { 'content-length': body.byteLength };
      const own = { ...headers, ...length, host: 'localhost' };
      request({ createConnection: connect, method, path, headers: own })
        .once('response', (answer) => {
          if ((answer.statusCode ?? 500) < 500) return resolve(answer);
          answer.resume();
          reject(new Error(`the store failed (${answer.statusCode}) at ${method}`)); // its own words are no XML
        })
        .on('error', reject)
        .end(body);
    });

  return {
    forward,
    send: async (method, path, headers = {}, body = '') =>
      readWhole(await forward(method, path, headers, Buffer.from(body))),
  };
};
