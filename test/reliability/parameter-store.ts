import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';

/**
 * SSM with one parameter that has the given values, one per read, the last one repeated. The environment points the SDK
 * to it until it is closed. `read` has the requests.
 */
export const startParameterStore = async (values: string[]) => {
  const read: unknown[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    read.push(JSON.parse(text));
    const Value = values[Math.min(read.length, values.length) - 1];
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ Parameter: { Name: '/everytoken/key', Value } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'any');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any');
  return {
    read,
    close: async () => {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      server.close();
    },
  };
};
