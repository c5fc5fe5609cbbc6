import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HttpListener = { url: string; close: () => Promise<void> };

/**
 * Starts a server on 127.0.0.1; port 0 takes any free one. `close` cuts open connections.
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
