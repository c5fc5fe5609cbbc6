import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from '../../local/http.ts';

export const FAULTS = [
  'retry_after', // 429 with Retry-After
  'rate_limited', // 429 without
  'server_error', // 500
  'unavailable', // 503
  'reset', // the connection is reset before anything was done
  'answer_lost', // done, but the connection is reset instead of the answer
  'stall', // the answer begins late
  'drip', // the answer comes in small pieces, slowly
  'truncated', // the body ends early, and cleanly
  'cut', // the body ends early, by a reset
  'malformed', // 200 with JSON that is not whole
] as const;
export type Fault = (typeof FAULTS)[number];

/** By the name of a service: its requests in all, and how often each fault was injected. */
export type FaultCounts = Record<string, { requests: number; faults: Record<string, number> }>;

export type FaultProxy = {
  /** The address to use in place of the upstream's. */
  url: string;
  /** Nothing fails until this is true. */
  setActive(active: boolean): void;
  /** How often each fault was injected, and the requests in all. */
  counts(): { requests: number; faults: Record<Fault, number> };
  close(): Promise<void>;
};

/** A request as it came, and the status of its answer. */
export type ProxiedRequest = {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  status: number | undefined;
};

type Options = {
  /** `http://host:port` of the real server. */
  upstream: string;
  /** The share of requests that meet a fault. */
  rate: number;
  /** In [0, 1): which requests fail, and how. */
  random: () => number;
  /** Those that happen: all of them by default. */
  faults?: readonly Fault[];
  /** Told of each request that the upstream answered. */
  onAnswered?: (request: ProxiedRequest) => void;
  /** What the upstream speaks; `bytes` are passed on as they are, with errors as S3 has them. JSON by default. */
  speaks?: 'json' | 'bytes';
};

const STALL_MS = 1_500;
const KEPT_BYTES = 120;
const DRIP_MS = 30;
const DRIPS = 10;

/**
 * A server in front of another one that lets some requests fail. Addresses of the upstream in its JSON answers become
 * the proxy's, so that a client which is told where to go on stays behind it.
 */
export const startFaultProxy = async (options: Options): Promise<FaultProxy> => {
  const { upstream, rate, random, faults: possible = FAULTS, speaks = 'json', onAnswered } = options;
  const agent = new Agent({ keepAlive: true });
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  let requests = 0;
  let isActive = false;
  let url = '';

  const draw = (): Fault | undefined => {
    requests += 1;
    if (!isActive || random() >= rate) return undefined;
    const fault = possible[Math.floor(random() * possible.length)];
    if (fault) faults[fault] += 1;
    return fault;
  };
  const server = createServer((incoming, outgoing) => {
    const answer = async () => {
      const fault = draw();
      if (fault === 'stall') await delay(STALL_MS * random());
      if (await refuse(fault, speaks, incoming, outgoing)) return;
      const body: Buffer[] = [];
      if (onAnswered) incoming.on('data', (piece) => body.push(piece));
      const answered = await forward(incoming, upstream, agent);
      onAnswered?.({
        method: incoming.method,
        url: incoming.url,
        headers: incoming.headers,
        body: Buffer.concat(body),
        status: answered.statusCode,
      });
      if (fault === 'answer_lost') {
        for await (const _ of answered); // so that it has surely been done
        outgoing.destroy();
        return;
      }
      await passOn(answered, outgoing, { fault, speaks, from: upstream, to: url });
    };
    answer().catch(() => outgoing.destroy());
  });
  const listener = await listen(server, 0);
  url = listener.url;
  return {
    url,
    setActive: (active) => {
      isActive = active;
    },
    counts: () => ({ requests, faults: { ...faults } }),
    close: async () => {
      await listener.close();
      agent.destroy();
    },
  };
};

/** The faults that the upstream never hears of. */
const refuse = async (
  fault: Fault | undefined,
  speaks: 'json' | 'bytes',
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<boolean> => {
  if (fault === 'reset') {
    outgoing.destroy();
    return true;
  }
  const status = REFUSALS[fault as keyof typeof REFUSALS];
  if (status === undefined) return false;
  for await (const _ of incoming); // an answer before the body's end would look like a reset
  const headers = { 'content-type': speaks === 'json' ? 'application/json' : 'application/xml' };
  outgoing.writeHead(status, fault === 'retry_after' ? { ...headers, 'retry-after': '1' } : headers);
  outgoing.end(fault === 'malformed' ? '{"id": "x", "da' : errorBody(String(fault), speaks));
  return true;
};

const REFUSALS = { retry_after: 429, rate_limited: 429, server_error: 500, unavailable: 503, malformed: 200 };

const errorBody = (fault: string, speaks: 'json' | 'bytes'): string =>
  speaks === 'json'
    ? JSON.stringify({ error: { message: `injected: ${fault}`, type: fault, code: fault } })
    : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${fault}</Code><Message>injected</Message></Error>`;

const forward = (incoming: IncomingMessage, upstream: string, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { host, hostname, port } = new URL(upstream);
    const { method, url: path } = incoming;
    const headers = { ...incoming.headers, host, 'accept-encoding': 'identity' };
    // The path as it came: a URL would be tidied up, and an object's key may hold "..".
    const outward = request({ hostname, port, method, path, headers, agent }, resolve);
    outward.on('error', reject);
    incoming.on('error', reject);
    incoming.on('close', () => incoming.complete || outward.destroy());
    incoming.pipe(outward);
  });

const passOn = async (
  answered: IncomingMessage,
  outgoing: ServerResponse,
  given: { fault: Fault | undefined; speaks: 'json' | 'bytes'; from: string; to: string },
): Promise<void> => {
  const { fault, speaks, from, to } = given;
  const { 'content-length': length, ...headers } = answered.headers;
  const isJson = speaks === 'json' && (headers['content-type']?.includes('json') ?? false);
  const isLengthKept = speaks === 'bytes' && length !== undefined;
  outgoing.writeHead(
    answered.statusCode ?? 502,
    isLengthKept ? { ...headers, 'content-length': length } : headers,
  );
  outgoing.on('close', () => answered.destroy());
  const isCut = fault === 'truncated' || fault === 'cut';
  const write = fault === 'drip' ? drip : (piece: Buffer, to: ServerResponse) => void to.write(piece);
  const pieces: Buffer[] = [];
  for await (const piece of answered as AsyncIterable<Buffer>) {
    if (isJson) pieces.push(piece);
    else if (!isCut) await write(piece, outgoing);
    else {
      outgoing.write(piece.subarray(0, KEPT_BYTES));
      break;
    }
  }
  if (isJson) {
    const json = Buffer.from(Buffer.concat(pieces).toString().replaceAll(from, to));
    await write(isCut ? json.subarray(0, Math.floor(json.length / 2)) : json, outgoing);
  }
  if (fault !== 'cut') outgoing.end();
  else setTimeout(() => outgoing.destroy(), 5); // what was written should be on its way by then
};

const drip = async (piece: Buffer, outgoing: ServerResponse): Promise<void> => {
  const size = Math.max(1, Math.ceil(piece.length / DRIPS));
  for (let at = 0; at < piece.length && !outgoing.destroyed; at += size) {
    outgoing.write(piece.subarray(at, at + size));
    await delay(DRIP_MS);
  }
};
