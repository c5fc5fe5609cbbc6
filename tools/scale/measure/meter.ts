import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type HttpListener, listen } from '../../../local/http.ts';

/** A request as it arrived, with its answer. */
export type Exchange = {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  status: number;
  answer: Buffer;
};

export type Meter = HttpListener;

/**
 * Starts a proxy that forwards requests to `upstream` and passes each exchange to `note`. `before` runs ahead of each
 * request; its result is passed to `note` as `seen`. `change` makes the body that is
 * forwarded; a signature is then no longer that of the request. The upstream's address in JSON answers becomes the proxy's.
 */
export const startMeter = async (
  upstream: string,
  {
    before = async () => undefined,
    change = ({ body }) => body,
    note,
  }: {
    before?: (exchange: Pick<Exchange, 'headers' | 'body'>) => Promise<unknown>;
    change?: ((exchange: Pick<Exchange, 'headers' | 'body'>) => Buffer) | undefined;
    note: (exchange: Exchange, seen: unknown) => Promise<void> | void;
  },
): Promise<Meter> => {
  let url = '';
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    const { headers, method = 'GET', url: path = '/' } = incoming;
    const seen = await before({ headers, body });
    const answered = await forward(upstream, incoming, change({ headers, body }));
    const answer = Buffer.concat(await answered.toArray());
    const status = answered.statusCode ?? 0;
    await note({ method, path, headers, body, status, answer }, seen);
    const isJson = String(answered.headers['content-type']).includes('json');
    const sent = isJson ? Buffer.from(answer.toString().replaceAll(upstream, url)) : answer;
    const { 'transfer-encoding': _, ...kept } = answered.headers;
    if (method !== 'HEAD') kept['content-length'] = String(sent.length);
    outgoing.writeHead(status, kept).end(sent);
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const listener = await listen(server, 0);
  url = listener.url;
  return listener;
};

const forward = (upstream: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(upstream);
    const { method, url: path } = incoming;
    const { 'transfer-encoding': _, ...kept } = incoming.headers;
    // The host stays, since it is signed.
    const headers = { ...kept, 'accept-encoding': 'identity', 'content-length': String(body.length) };
    request({ hostname, port, method, path, headers }, resolve).on('error', reject).end(body);
  });
