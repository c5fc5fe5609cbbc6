import type { Hono } from 'hono';
import { listen } from './listen.ts';
import { runEverytoken } from './run-everytoken.ts';

/** Serves an app that answers like the API. `everytoken` runs the command line on it. */
export const serveApi = async (app: Hono, dataDir: string) => {
  const { url: api, close } = await listen(app);
  return {
    api,
    everytoken: (...args: string[]) => runEverytoken([...args, '--api', api], dataDir, { TZ: 'UTC' }),
    close,
  };
};
