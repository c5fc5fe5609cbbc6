import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeLanguageModel } from '../model/language-model.ts';
import { readTopics } from '../model/topics.ts';
import { ApiError } from './api-error.ts';
import { startBatches } from './batches/start-batches.ts';
import { makeEmissionLog } from './emissions.ts';
import { startEncoder } from './encoder.ts';
import { monotonicMs } from './pace.ts';
import { makeRouter, type Route } from './routes.ts';

export type OpenaiOptions = {
  /** 0 or left out: the system chooses. */
  port?: number;
  host?: string;
  /** Tokens a second of each choice; 0 is unpaced. A request's own `pace` goes before it. */
  pace: number;
  /** Whether it generates text, too; true when left out. Without it only embeddings are served. */
  languageModel?: boolean;
  /** Where the vectors of the topics' anchors are kept between starts; left out: nowhere. */
  cacheDir?: string;
  /** Where uploaded files and batches are kept between starts; left out: in a folder that goes when it closes. */
  dataDir?: string;
  /** A batch expires once it has answered so many lines; left out: after 24 hours. For tests of what expires. */
  batchMostLines?: number;
};

export type OpenaiServer = {
  /** Ends in `/v1`. */
  url: string;
  close(): Promise<void>;
};

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  const json = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': json.byteLength });
  response.end(json);
};

const asApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error;
  console.error(
    JSON.stringify({ event: 'openai.failed', error: error instanceof Error ? error.stack : String(error) }),
  );
  return new ApiError(500, 'The server had an error while processing the request.');
};

/** A failure before the answer has begun is an answer; within a stream it is OpenAI's error event. */
const sendError = (response: ServerResponse, error: unknown): void => {
  const apiError = asApiError(error);
  if (!response.headersSent) {
    if (apiError.status === 413) response.setHeader('connection', 'close');
    sendJson(response, apiError.status, apiError.body);
  } else if (!response.writableEnded) {
    response.end(`data: ${JSON.stringify(apiError.body)}\n\n`);
  }
};

const answer = async (
  find: (request: IncomingMessage) => Route,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const arrivalMs = monotonicMs();
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.setHeader('x-request-id', `req_${randomUUID().replaceAll('-', '')}`);
  try {
    const result = await find(request)({ request, response, arrivalMs, signal: gone.signal });
    if (result !== undefined) sendJson(response, 200, result);
  } catch (error) {
    if (!gone.signal.aborted) sendError(response, error);
  }
};

/**
 * Starts the local OpenAI-compatible server: an n-gram model and a sentence encoder, both of this machine. Resolves
 * once it listens; a request that needs the encoder waits until that has loaded (about a second). Rejects when the
 * port is taken or the prose cannot be read. Any authorization is accepted, so it belongs on a loopback address.
 */
export const startOpenai = async ({
  port = 0,
  host = '127.0.0.1',
  pace,
  languageModel = true,
  cacheDir,
  dataDir,
  batchMostLines,
}: OpenaiOptions): Promise<OpenaiServer> => {
  const encoder = startEncoder();
  try {
    const embed = (text: string) => encoder.embed(text, { urgent: true });
    const model = languageModel
      ? makeLanguageModel({ topics: readTopics(), embed, ...(cacheDir === undefined ? {} : { cacheDir }) })
      : undefined;
    const batches = startBatches({ model, dataDir, mostLines: batchMostLines });
    const find = makeRouter({
      model,
      encoder,
      emissions: makeEmissionLog(),
      pace,
      entries: batches.entries,
    });
    const server = createServer((request, response) => void answer(find, request, response));
    server.keepAliveTimeout = 60_000; // clients reuse connections; a short one closes under their next request
    server.listen(port, host);
    await once(server, 'listening');
    const { port: bound } = server.address() as AddressInfo;
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/v1`,
      async close() {
        server.close();
        server.closeAllConnections();
        await batches.close();
        await encoder.close();
      },
    };
  } catch (error) {
    await encoder.close();
    throw error;
  }
};
