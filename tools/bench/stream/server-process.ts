import { createServer as createSink } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { answerParent } from '../child.ts';
import { answerOf, framedBody, isShape, SHAPE_NAMES } from './answers.ts';

// Runs as a child process. It writes an answer that is made beforehand as fast as its reader reads, so that its own work
// is small beside the reader's. A second server takes and discards what readers send on.

/** Base URLs: of the model server, and of the server that discards. */
export type Addresses = { models: string; sink: string };

const { events }: { events: number } = JSON.parse(process.argv[2] ?? '{}');

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const MISSING = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');

const answers = new Map(
  SHAPE_NAMES.map((shape) => [
    shape,
    Buffer.concat([Buffer.from(HEAD), framedBody(answerOf(shape, events))]),
  ]),
);

/** The answer to the first request in these bytes, and the bytes of that request; undefined while it is not whole. */
const firstAnswer = (bytes: Buffer): { answer: Buffer; length: number } | undefined => {
  const bodyAt = bytes.indexOf('\r\n\r\n') + 4;
  if (bodyAt < 4) return undefined;
  const head = bytes.subarray(0, bodyAt).toString('latin1');
  const length = bodyAt + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  if (bytes.length < length) return undefined;
  const { model } = JSON.parse(bytes.subarray(bodyAt, length).toString() || '{}');
  return { answer: (isShape(model) ? answers.get(model) : undefined) ?? MISSING, length };
};

const models = createServer({ noDelay: true }, (socket) => {
  let waiting: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (let first = firstAnswer(waiting); first; first = firstAnswer(waiting)) {
      waiting = waiting.subarray(first.length);
      socket.write(first.answer);
    }
  });
});

const sink = createSink((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(204).end());
});

const urlOf = (server: typeof models | typeof sink): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });

const addresses = Promise.all([urlOf(models), urlOf(sink)]).then(
  ([url, sinkUrl]): Addresses => ({ models: `${url}/v1`, sink: sinkUrl }),
);

answerParent<object>(() => addresses);
