import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { DiskProblem } from '../../disk.ts';
import { type HttpListener, listen } from '../../http.ts';
import { parseObject } from '../../json.ts';
import { AccessRefusal, readSigned, sendAccessRefusal } from '../signing/json-service.ts';
import type { KeyRing } from '../signing/signature.ts';
import type { Queue } from '../template/stack-model.ts';
import { makeArrivals } from './arrivals.ts';
import { makeOperations } from './operations.ts';
import { changedAttributes } from './queue-attributes.ts';
import { openQueueStore, type QueueStore } from './queue-store.ts';
import { SqsError } from './sqs-error.ts';

export type SqsOptions = {
  folder: string;
  /** The file in which fauxqs kept the queues of older data folders; its messages are taken over. */
  before?: string;
  queues: readonly Queue[];
  region: string;
  account: string;
  keys: KeyRing;
  /** Says why nothing is served now. Default: all is. */
  disk?: DiskProblem;
  log: (line: string) => void;
};
export type Sqs = HttpListener & { queueUrl: (queueName: string) => string };

const MAX_REQUEST_BYTES = 8 * 1024 * 1024; // messages may hold 1 MiB, and JSON escapes make their text longer

/** Creates the template's queues, or gives existing ones its attributes: it removes what it no longer has. */
const putQueues = (store: QueueStore, queues: readonly Queue[]): void => {
  for (const { name, attributes } of queues) {
    const now = Date.now();
    const createdAt = store.find(name)?.createdAt ?? now;
    store.put({ name, attributes: changedAttributes(undefined, attributes), createdAt, changedAt: now });
  }
};

/**
 * Starts SQS's standard queues on a folder, in the JSON protocol of the official SDKs, with the template's queues.
 * A message that was accepted survives kill -9. Retention is not applied: a stack that was stopped for a week goes on
 * with what it had.
 *
 * @throws {SqsError} when the template gives a queue an attribute that SQS refuses.
 */
export const startSqs = async ({
  folder,
  before,
  queues,
  region,
  account,
  keys,
  disk = () => undefined,
  log,
}: SqsOptions): Promise<Sqs> => {
  mkdirSync(folder, { recursive: true });
  const store = openQueueStore(join(folder, 'queues.sqlite'), before);
  let url = '';
  const queueUrl = (name: string) => `${url}/${account}/${name}`;
  const operations = makeOperations({
    ...{ store, arrivals: makeArrivals(), urlOf: queueUrl, account },
    arnOf: (name) => `arn:aws:sqs:${region}:${account}:${name}`,
  });

  const answerTo = async (request: IncomingMessage, gone: AbortSignal): Promise<object> => {
    const name = String(request.headers['x-amz-target'] ?? '').replace(/^AmazonSQS\./, '');
    const body = await readSigned(request, { keys, service: 'sqs', maxBytes: MAX_REQUEST_BYTES });
    const problem = disk();
    if (problem !== undefined) throw new AccessRefusal(500, 'InternalFailure', problem);
    const operation = operations.get(name);
    if (!operation)
      throw new SqsError('UnsupportedOperation', `The local SQS does not serve ${name || request.url}`);
    if (!body) throw new SqsError('BatchRequestTooLong', 'The request is too large');
    const input = parseObject(body.toString() || '{}');
    if (!input) throw new SqsError('SerializationException', 'The request is not a JSON object');
    return operation(input, gone);
  };

  const send = (response: ServerResponse, status: number, body: object, headers = {}): void => {
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
      ...headers,
    });
    response.end(JSON.stringify(body));
  };

  const fail = (response: ServerResponse, error: unknown): void => {
    if (error instanceof SqsError) {
      const body = { __type: `com.amazonaws.sqs#${error.code}`, message: error.message };
      send(response, 400, body, { 'x-amzn-query-error': error.queryError });
      return;
    }
    if (error instanceof AccessRefusal) {
      const side = error.status < 500 ? 'Sender' : 'Receiver';
      response.setHeader('x-amzn-query-error', `${error.type};${side}`);
      sendAccessRefusal(response, error, 'application/x-amz-json-1.0');
      return;
    }
    log(`sqs: ${error instanceof Error ? error.message : error}`);
    send(response, 500, {
      __type: 'com.amazonaws.sqs#InternalFailure',
      message: 'The local SQS failed; try again.',
    });
  };

  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    answerTo(request, gone.signal).then(
      (body) => send(response, 200, body),
      (error) => fail(response, error),
    );
  });
  try {
    putQueues(store, queues);
    const listener = await listen(server);
    url = listener.url;
    return {
      url,
      queueUrl,
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
