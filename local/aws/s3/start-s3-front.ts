import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type HttpListener, listen } from '../../http.ts';
import type { Bucket } from '../template/stack-model.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { type CreatedObject, covers, makeSequencer, objectCreated } from './object-created.ts';
import { endToEnd, makeObjectStore } from './object-store.ts';
import { refusalOf, sendS3Error } from './refusal.ts';
import { operationOf, readS3Request, type S3Operation, type S3Request } from './request.ts';
import { writeObject } from './write-object.ts';

export type S3FrontOptions = {
  storeUrl: string;
  buckets: readonly Bucket[];
  region: string;
  /** Sends a message to a queue; rejects when SQS did not accept it. */
  sendToQueue: (queueArn: string, body: string) => Promise<void>;
  log: (line: string) => void;
};

/** The headers with quoted ETags in their conditions, since the store compares ETags with their quotes. */
const withQuotedTags = (headers: IncomingMessage['headers']): OutgoingHttpHeaders => {
  const quoted = endToEnd(headers);
  for (const name of ['if-match', 'if-none-match'] as const) {
    const value = quoted[name];
    if (typeof value === 'string' && /^[0-9a-f-]+$/.test(value)) quoted[name] = `"${value}"`;
  }
  return quoted;
};

/** Response headers from the query of a presigned URL, such as `response-content-type=…`. */
const overrides = (query: URLSearchParams): OutgoingHttpHeaders =>
  Object.fromEntries(
    [...query]
      .filter(([name]) => name.startsWith('response-'))
      .map(([name, value]) => [name.slice('response-'.length), value]),
  );

const CREATED_BY: Partial<Record<S3Operation, string>> = {
  PutObject: 'Put',
  CopyObject: 'Copy',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
};

/**
 * Starts S3 as functions and clients see it: the store's objects plus the template's notifications. A write is
 * answered only once SQS has accepted its events. Options that the store would silently ignore are refused with 501.
 */
export const startS3Front = async (options: S3FrontOptions): Promise<HttpListener> => {
  const { storeUrl, buckets, region, sendToQueue, log } = options;
  const store = makeObjectStore(storeUrl);
  const nextSequencer = makeSequencer();

  const notify = async (created: CreatedObject): Promise<void> => {
    const { notifications = [] } = buckets.find(({ name }) => name === created.bucket) ?? {};
    const wanted = notifications.filter((notification) => covers(notification, created));
    if (wanted.length === 0) return;
    const body = objectCreated(created, region, nextSequencer(), new Date());
    await Promise.all(wanted.map(({ queueArn }) => sendToQueue(queueArn, body)));
  };

  const pass = async (request: IncomingMessage, response: ServerResponse, s3: S3Request): Promise<void> => {
    const hasBody = s3.method === 'PUT' || s3.method === 'POST';
    const headers = withQuotedTags(s3.headers);
    const answer = await store.forward(s3.method, s3.path, headers, hasBody ? request : undefined);
    response.writeHead(answer.statusCode ?? 500, { ...endToEnd(answer.headers), ...overrides(s3.query) });
    await pipeline(answer, response);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const s3 = readS3Request(request);
    const rules = buckets.find(({ name }) => name === s3.bucket)?.cors ?? [];
    if (s3.method === 'OPTIONS') {
      answerPreflight(request, response, rules);
      return;
    }
    for (const [name, value] of corsHeaders(request, rules)) response.setHeader(name, value);
    const operation = operationOf(s3);
    const refusal = refusalOf(s3, operation, Date.now());
    const by = operation && CREATED_BY[operation];
    if (refusal) {
      request.resume();
      sendS3Error(response, refusal);
    } else if (by) {
      await writeObject({ store, notify }, s3, by, request, response);
    } else {
      await pass(request, response, s3);
    }
  };

  const fail = (request: IncomingMessage, response: ServerResponse, error: Error): void => {
    if (response.destroyed || (request.destroyed && !request.complete)) {
      response.destroy(); // the client has disconnected
      return;
    }
    log(`s3: ${error.message}`);
    sendS3Error(response, { status: 500, code: 'InternalError', message: 'The local S3 failed; try again.' });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => fail(request, response, error));
  });
  server.requestTimeout = 0;
  const listener = await listen(server);
  return {
    url: listener.url,
    close: async () => {
      await listener.close();
      store.close();
    },
  };
};
