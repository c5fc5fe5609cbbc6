import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { DiskProblem } from '../../disk.ts';
import { type HttpListener, listen } from '../../http.ts';
import type { KeyRing } from '../signing/signature.ts';
import type { Bucket } from '../template/stack-model.ts';
import { asS3Error, checkHost, checkPage, checkSigned } from './access.ts';
import { type CheckedBody, checkedBody, readChecked } from './checked-body.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { type CreatedObject, covers, makeSequencer, objectCreated } from './object-created.ts';
import { endToEnd, makeObjectStore } from './object-store.ts';
import { makeWrites } from './only-new.ts';
import { isOnlyNew, refusalOf } from './refusal.ts';
import { operationOf, readS3Request, type S3Operation, type S3Request } from './request.ts';
import { S3Error, sendS3Error } from './s3-error.ts';
import { startStore } from './start-store.ts';
import { MAX_BODY_BYTES, writeObject } from './write-object.ts';

export type S3Options = {
  folder: string;
  buckets: readonly Bucket[];
  region: string;
  keys: KeyRing;
  /** Sends a message to a queue; rejects when SQS did not accept it. */
  sendToQueue: (queueArn: string, body: string) => Promise<void>;
  /** Says why nothing is served now. Default: all is. */
  disk?: DiskProblem;
  log: (line: string) => void;
};

/** The headers with quoted ETags in their conditions, since the store compares ETags with their quotes. */
const withQuotedTags = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders => {
  const quoted = { ...headers };
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

/** The operations whose checksum is that of the request's body. */
const HAS_CHECKSUM: ReadonlySet<S3Operation | undefined> = new Set<S3Operation>([
  'PutObject',
  'UploadPart',
  'DeleteObjects',
]);

/**
 * Starts S3 on a folder with the template's buckets: the store's objects plus the template's notifications. A write is
 * answered only once SQS has accepted its events. Options that the store would silently ignore are refused with 501.
 */
export const startS3 = async (options: S3Options): Promise<HttpListener> => {
  const { folder, buckets, region, keys, sendToQueue, disk = () => undefined, log } = options;
  const kept = await startStore({ folder, buckets, region });
  const store = makeObjectStore(kept.connect);
  const nextSequencer = makeSequencer();
  const writes = makeWrites();

  const notify = async (created: CreatedObject): Promise<void> => {
    const { notifications = [] } = buckets.find(({ name }) => name === created.bucket) ?? {};
    const wanted = notifications.filter((notification) => covers(notification, created));
    if (wanted.length === 0) return;
    const body = objectCreated(created, region, nextSequencer(), new Date());
    await Promise.all(wanted.map(({ queueArn }) => sendToQueue(queueArn, body)));
  };

  const pass = async (s3: S3Request, body: CheckedBody, response: ServerResponse): Promise<void> => {
    const hasBody = s3.method === 'PUT' || s3.method === 'POST';
    const bytes = hasBody ? await readChecked(body, MAX_BODY_BYTES) : undefined;
    const headers = { ...withQuotedTags(body.headers), ...body.checksum() };
    const answer = await store.forward(s3.method, s3.path, headers, bytes);
    const changed = { ...overrides(s3.query), ...body.checksum() };
    response.writeHead(answer.statusCode ?? 500, { ...endToEnd(answer.headers), ...changed });
    await pipeline(answer, response);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    checkHost(request);
    checkPage(request);
    const s3 = readS3Request(request);
    const rules = buckets.find(({ name }) => name === s3.bucket)?.cors ?? [];
    if (s3.method === 'OPTIONS') {
      answerPreflight(request, response, rules);
      return;
    }
    for (const [name, value] of corsHeaders(request, rules)) response.setHeader(name, value);
    const operation = operationOf(s3);
    const { chunks } = await checkSigned(request, keys);
    const problem = disk();
    if (problem !== undefined) throw new S3Error(500, 'InternalError', problem);
    const refusal = refusalOf(s3, operation);
    const by = operation && CREATED_BY[operation];
    if (refusal) throw refusal;
    const body = checkedBody(request, { withChecksum: HAS_CHECKSUM.has(operation), chunks });
    if (by) {
      const write = { by, isNew: isOnlyNew(s3, operation) };
      await writeObject({ store, notify, writes }, s3, write, body, response);
    } else await pass(s3, body, response);
  };

  const fail = (request: IncomingMessage, response: ServerResponse, thrown: Error): void => {
    if (response.destroyed || (request.destroyed && !request.complete)) {
      response.destroy(); // the client has disconnected
      return;
    }
    request.resume(); // the rest is discarded, so that the client sees the answer
    const error = asS3Error(thrown, request);
    if (!(error instanceof S3Error)) log(`s3: ${error.message}`);
    const internal = new S3Error(500, 'InternalError', 'The local S3 failed; try again.');
    sendS3Error(response, error instanceof S3Error ? error : internal);
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
      await kept.close();
    },
  };
};
