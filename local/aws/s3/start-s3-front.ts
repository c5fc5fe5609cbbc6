import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type HttpListener, listen } from '../listen.ts';
import type { Bucket } from '../template/stack-model.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { asksFor, type CreatedObject, makeSequencer, objectCreated } from './object-created.ts';
import { makeObjectStore, readWhole, type StoreAnswer } from './object-store.ts';
import { partBytes, putInParts } from './put-in-parts.ts';
import { refusalOf, sendS3Error } from './s3-refusal.ts';
import { operationOf, readS3Request, type S3Operation, type S3Request } from './s3-request.ts';

export type S3FrontOptions = {
  storeUrl: string;
  buckets: readonly Bucket[];
  region: string;
  /** Rejects when SQS did not accept the message. */
  sendToQueue: (queueArn: string, body: string) => Promise<void>;
  log: (line: string) => void;
};

/** What S3 would take in one PUT is more; this fits into the store's database. */
const maxObjectBytes = 512 * 1024 * 1024;

/** The store takes 11 MiB a request, framing included. */
const maxPartBytes = 10.9 * 1024 * 1024;

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'expect']);

const endToEnd = (headers: IncomingMessage['headers']): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

/** ETags are compared with their quotes. */
const withQuotedTags = (headers: IncomingMessage['headers']): OutgoingHttpHeaders => {
  const quoted = endToEnd(headers);
  for (const name of ['if-match', 'if-none-match']) {
    const value = quoted[name];
    if (typeof value === 'string' && /^[0-9a-f-]+$/.test(value)) quoted[name] = `"${value}"`;
  }
  return quoted;
};

/** `response-content-type=…` of a presigned URL. */
const overrides = (query: URLSearchParams): OutgoingHttpHeaders =>
  Object.fromEntries(
    [...query].flatMap(([name, value]) =>
      name.startsWith('response-') ? [[name.slice('response-'.length), value]] : [],
    ),
  );

const createdBy: Partial<Record<S3Operation, string>> = {
  PutObject: 'Put',
  CopyObject: 'Copy',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
};

const unquoted = (eTag: string | undefined): string => (eTag ?? '').replaceAll('"', '');

/**
 * S3 as functions and clients see it: the store's objects, with the template's notifications. A write is answered
 * only once SQS has accepted its events; what the store would pass over in silence is refused with 501.
 */
export const startS3Front = async (options: S3FrontOptions): Promise<HttpListener> => {
  const { storeUrl, buckets, region, sendToQueue, log } = options;
  const store = makeObjectStore(storeUrl);
  const nextSequencer = makeSequencer();

  const notify = async (created: CreatedObject): Promise<void> => {
    const { notifications = [] } = buckets.find(({ name }) => name === created.bucket) ?? {};
    const wanted = notifications.filter((notification) => asksFor(notification, created));
    if (wanted.length === 0) return;
    const body = objectCreated(created, region, nextSequencer(), new Date());
    await Promise.all(wanted.map(({ queueArn }) => sendToQueue(queueArn, body)));
  };

  const pathOnly = (path: string): string => path.split('?')[0] ?? '';

  /** What an object that was copied or completed has become. */
  const stat = async ({ path }: S3Request): Promise<{ eTag: string; size: number }> => {
    const { headers } = await store.ask('HEAD', pathOnly(path));
    return { eTag: unquoted(headers.etag), size: Number(headers['content-length'] ?? 0) };
  };

  type Written = { answer: StoreAnswer; eTag: string; size: number };

  const put = async (request: IncomingMessage, s3: S3Request, size: number): Promise<Written> => {
    if (size > partBytes) {
      const chunked = s3.headers['content-encoding']?.includes('aws-chunked');
      const body = chunked ? decodeAwsChunked(request) : request;
      const written = await putInParts(store, pathOnly(s3.path), s3.headers, body);
      const answer = { ...written.answer, headers: { etag: written.eTag }, body: Buffer.alloc(0) };
      return written.answer.status === 200
        ? { answer, eTag: unquoted(written.eTag), size: written.size }
        : written;
    }
    const answer = await readWhole(await store.forward('PUT', s3.path, endToEnd(s3.headers), request));
    return { answer, eTag: unquoted(answer.headers.etag), size };
  };

  const write = async (
    request: IncomingMessage,
    response: ServerResponse,
    s3: S3Request,
    by: string,
  ): Promise<void> => {
    const size = Number(s3.headers['x-amz-decoded-content-length'] ?? s3.headers['content-length']);
    if (by === 'Put' && !Number.isInteger(size)) {
      return sendS3Error(response, {
        status: 411,
        code: 'MissingContentLength',
        message: 'Content-Length is required.',
      });
    }
    if (by === 'Put' && size > maxObjectBytes) {
      return sendS3Error(response, {
        status: 400,
        code: 'EntityTooLarge',
        message: `At most ${maxObjectBytes} bytes here.`,
      });
    }
    const plain = async (): Promise<Written> => {
      const answer = await readWhole(await store.forward(s3.method, s3.path, endToEnd(s3.headers), request));
      return { answer, ...(answer.status === 200 ? await stat(s3) : { eTag: '', size: 0 }) };
    };
    const { answer, ...object } = by === 'Put' ? await put(request, s3, size) : await plain();
    if (answer.status === 200) await notify({ bucket: s3.bucket, key: s3.key, by, ...object });
    response.writeHead(answer.status, { ...endToEnd(answer.headers), 'content-length': answer.body.length });
    response.end(answer.body);
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
    const by = operation && createdBy[operation];
    if (refusal) {
      request.resume();
      sendS3Error(response, refusal);
    } else if (operation === 'UploadPart' && Number(s3.headers['content-length']) > maxPartBytes) {
      request.resume();
      sendS3Error(response, {
        status: 400,
        code: 'EntityTooLarge',
        message: `At most ${maxPartBytes} bytes a part here.`,
      });
    } else if (by) {
      await write(request, response, s3, by);
    } else {
      await pass(request, response, s3);
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => {
      if (request.destroyed && !request.complete) {
        response.destroy(); // the client left in the middle of its body
        return;
      }
      log(`s3: ${error.message}`);
      sendS3Error(response, {
        status: 500,
        code: 'InternalError',
        message: 'The local S3 failed; try again.',
      });
    });
  });
  server.requestTimeout = 0;
  const listener = await listen(server, 0);
  return {
    ...listener,
    close: async () => {
      await listener.close();
      store.close();
    },
  };
};
