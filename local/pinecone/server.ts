import { createServer } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isSameKey, newApiKey } from '../api-key.ts';
import { type HttpListener, listen } from '../http.ts';
import { strangerIn } from '../strangers.ts';
import { controlPlane } from './control-plane.ts';
import { dataPlane } from './data-plane.ts';
import { PineconeError } from './pinecone-error.ts';
import { tooLong } from './request-input.ts';
import { openVectorStore, type VectorStore } from './vector-store.ts';

// The URL of a fetch may hold a thousand ids of 512 characters.
const MAX_HEADER_BYTES = 2 * 1024 * 1024;
// A body of up to this size is read to its end, so that the error can state its length.
const MAX_READ_BYTES = 32 * 1024 * 1024;

export type PineconeServer = {
  /** The control plane's address, `http://host:port`. An index's description has its data plane's address in `host`. */
  url: string;
  /** The key that clients send. */
  apiKey: string;
  /** Cuts all connections and closes the file. */
  close(): Promise<void>;
};

const application = (
  store: VectorStore,
  { apiKey, hostOf }: { apiKey: string; hostOf: (index: string) => string },
): Hono<{ Bindings: HttpBindings }> => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    const stranger = strangerIn(c.env.incoming);
    if (stranger !== undefined) return c.json(new PineconeError('FORBIDDEN', stranger).toControlBody(), 403);
    const given = c.req.header('api-key');
    if (given === undefined) return c.text('Unauthorized: the Api-Key header is missing', 401);
    if (!isSameKey(given, apiKey))
      return c.text('Unauthorized: this is not the key in stack.json (credentials.pinecone)', 401);
    return next();
  });
  app.use(
    bodyLimit({
      maxSize: MAX_READ_BYTES,
      onError: (c) => c.json(tooLong(`more than ${MAX_READ_BYTES}`).toDataBody(), 400),
    }),
  );
  app.onError((error, c) => {
    console.error(JSON.stringify({ event: 'pinecone.request_failed', stack: error.stack }));
    return c.json(new PineconeError('INTERNAL', 'internal error').toDataBody(), 500);
  });
  app.route('/', dataPlane(store));
  app.route('/', controlPlane(store, hostOf));
  return app;
};

/**
 * Starts the local Pinecone: the REST API of the official SDK (9 with API version 2026-07, and 8). Control and data
 * plane share one port; every index has a path of its own. Search is exact. SQLite keeps the data in `file`; `:memory:`
 * keeps none. Port 0, the default, takes any free one. Rejects when the port is taken or the file cannot be opened.
 *
 * @example
 * const { url, apiKey } = await startPinecone({ file: ':memory:' });
 * const client = new Pinecone({ apiKey, controllerHostUrl: url });
 */
export const startPinecone = async ({
  port = 0,
  file,
  apiKey = newApiKey('pclocal_'),
}: {
  port?: number;
  file: string;
  /** Default: a random one. */
  apiKey?: string;
}): Promise<PineconeServer> => {
  const store = openVectorStore(file);
  try {
    const app = application(store, { apiKey, hostOf: (index) => `${listener.url}/data/${index}` });
    const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, getRequestListener(app.fetch));
    const listener: HttpListener = await listen(server, port);
    return {
      url: listener.url,
      apiKey,
      close: async () => {
        await listener.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
};
