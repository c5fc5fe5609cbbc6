import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HttpListener = { url: string; close: () => Promise<void> };

/** Node's 5 s could close a connection under its next request, when the client was busy meanwhile. */
const KEEP_ALIVE_MS = 600_000;

/**
 * Starts a server on 127.0.0.1; port 0 takes any free one. It closes connections that are idle for ten minutes; `close` cuts
 * open ones.
 *
 * @throws {Error} the system's error, with `code` `EADDRINUSE` when the port is taken.
 */
export const listen = async (server: Server, port = 0): Promise<HttpListener> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/**
 * Reads a request's body; `undefined` when it is longer than `limit` bytes. The rest of such a body is read and
 * discarded, so that the client sees the answer.
 */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
};
