import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { isSameKey, newApiKey } from '../api-key.ts';
import { listen } from '../http.ts';
import { makeLanguageModel } from '../model/language-model.ts';
import { readTopics } from '../model/topics.ts';
import { strangerIn } from '../strangers.ts';
import { ApiError } from './api-error.ts';
import { startBatches } from './batches/start-batches.ts';
import type { Call, Env } from './call.ts';
import { makeEmissionLog } from './emissions.ts';
import { startEncoder } from './encoder.ts';
import { monotonicMs } from './pace.ts';
import { modelRoutes } from './routes.ts';

export type OpenaiOptions = {
  /** Default: 0, any free port. */
  port?: number;
  /** Tokens per second of each choice; 0 is unpaced. A request's own `pace` takes precedence. */
  pace: number;
  /** Whether the server generates text. Default: true; with false it serves embeddings only. */
  languageModel?: boolean;
  /** The key that clients must send. Default: a random one. */
  apiKey?: string;
  /** The folder that caches the vectors of the topics' anchors between starts. Default: no cache. */
  cacheDir?: string;
  /** The folder of uploaded files and batches. Default: a temporary one that `close` removes. */
  dataDir?: string;
  /** For tests of expiry: a batch expires once it has answered so many lines. Default: only after 24 hours. */
  batchMaxLines?: number;
};

export type OpenaiServer = {
  /** The base URL, which ends in `/v1`. */
  url: string;
  apiKey: string;
  close(): Promise<void>;
};

/** Makes a route's bindings, and sets the request id that every answer of OpenAI carries. */
const callOf = ({ incoming, outgoing }: HttpBindings): Call => {
  const arrivalMs = monotonicMs();
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  outgoing.setHeader('x-request-id', `req_${randomUUID().replaceAll('-', '')}`);
  return { incoming, outgoing, arrivalMs, signal: gone.signal };
};

/** The path as it was sent. Hono would decode it, but error messages quote it. */
const getPath = (_: Request, { env }: { env?: Call } = {}): string =>
  (env?.incoming.url ?? '/').replace(/[?#].*$/, '');

/** Adds OpenAI's errors: 404 for an unknown path, 405 for a known path with another method (HEAD included). */
const application = (routes: Hono<Env>, apiKey: string): Hono<Env> => {
  const app = new Hono<Env>({ getPath }).notFound((c) => {
    throw new ApiError(404, `Invalid URL (${c.req.method} ${c.req.path})`);
  });
  app.use(({ env }, next) => {
    checkAccess(env.incoming, apiKey);
    return next();
  });
  for (const [path, known] of Map.groupBy(routes.routes, (route) => route.path)) {
    app.all(path, ({ req }, next) => {
      if (known.some(({ method }) => method === req.method)) return next();
      throw new ApiError(405, `Not allowed to ${req.method} on ${req.path}.`, null, 'method_not_supported');
    });
  }
  return app.route('/', routes).onError(sendError);
};

/** @throws {ApiError} 403 for a web page, or a foreign name of this machine; 401 without the key. */
const checkAccess = (request: IncomingMessage, apiKey: string): void => {
  const stranger = strangerIn(request);
  if (stranger !== undefined) throw new ApiError(403, stranger, null, 'forbidden');
  const [, given] = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given === undefined) {
    throw new ApiError(
      401,
      "You didn't provide an API key. Send the one in stack.json (credentials.openai) as Authorization: Bearer.",
    );
  }
  if (isSameKey(given, apiKey)) return;
  throw new ApiError(
    401,
    'Incorrect API key provided. You can find it in stack.json (credentials.openai).',
    null,
    'invalid_api_key',
  );
};

/** Sends an error as the answer or, when a stream has begun, as OpenAI's error event. */
const sendError = (error: Error, c: Context<Env>): Response => {
  const { outgoing, signal } = c.env;
  if (signal.aborted) return RESPONSE_ALREADY_SENT;
  const { status, body } = asApiError(error);
  if (!outgoing.headersSent) {
    if (status === 413) outgoing.setHeader('connection', 'close'); // the rest of the body is not read
    return c.json(body, status);
  }
  if (!outgoing.writableEnded) outgoing.end(`data: ${JSON.stringify(body)}\n\n`);
  return RESPONSE_ALREADY_SENT;
};

const asApiError = (error: Error): ApiError => {
  if (error instanceof ApiError) return error;
  console.error(JSON.stringify({ event: 'openai.failed', error: error.stack }));
  return new ApiError(500, 'The server had an error while processing the request.');
};

/**
 * Starts the local OpenAI-compatible server: an n-gram model and a sentence encoder that run on this machine. Resolves
 * once it listens; a request that needs the encoder waits until it has loaded (about a second). Rejects when the port
 * is taken or the prose cannot be read.
 *
 * @example
 * const { url, apiKey } = await startOpenai({ pace: 90 });
 * const client = new OpenAI({ baseURL: url, apiKey });
 */
export const startOpenai = async ({
  port = 0,
  pace,
  languageModel = true,
  apiKey = newApiKey('sk-local-'),
  cacheDir,
  dataDir,
  batchMaxLines,
}: OpenaiOptions): Promise<OpenaiServer> => {
  const encoder = startEncoder();
  try {
    const embed = (text: string) => encoder.embed(text, { urgent: true });
    const model = languageModel
      ? makeLanguageModel({ topics: readTopics(), embed, ...(cacheDir === undefined ? {} : { cacheDir }) })
      : undefined;
    const batches = startBatches({ model, dataDir, maxLines: batchMaxLines });
    const app = application(
      modelRoutes({ model, encoder, emissions: makeEmissionLog(), pace }).route('/', batches.routes),
      apiKey,
    );
    const server = createServer(
      getRequestListener((request, env) => app.fetch(request, callOf(env as HttpBindings)), {
        hostname: 'localhost',
        autoCleanupIncoming: false, // routes read Node's own request
      }),
    );
    const { url, close } = await listen(server, port);
    return {
      url: `${url}/v1`,
      apiKey,
      async close() {
        await close();
        await batches.close();
        await encoder.close();
      },
    };
  } catch (error) {
    await encoder.close();
    throw error;
  }
};
