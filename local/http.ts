import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HttpListener = { url: string; close: () => Promise<void> };

/**
 * Opens a server on 127.0.0.1 (port 0: any free one). Closing it cuts open connections.
 *
 * @throws the system's error, with its `code`: `EADDRINUSE` when the port is taken.
 */
export const listen = async (server: Server, port: number): Promise<HttpListener> => {
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
