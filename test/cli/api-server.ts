import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { runEverytoken } from './run-everytoken.ts';

/** Serves an app that answers like the API. `everytoken` runs the command line on it. */
export const serveApi = async (app: Hono, dataDir: string) => {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((resolve) =>
    server.listening ? resolve() : server.once('listening', () => resolve()),
  );
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api,
    everytoken: (...args: string[]) => runEverytoken([...args, '--api', api], dataDir, { TZ: 'UTC' }),
    close: () => void server.close(),
  };
};
