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
  'rate_limited', // 429 without Retry-After
  'server_error', // 500
  'unavailable', // 503
  'reset', // the connection is reset before the request reaches the upstream
  'answer_lost', // the upstream does its work, but the connection is reset instead of answered
  'stall', // the answer begins late
  'drip', // the answer arrives slowly, in small pieces
  'truncated', // the body ends early, but cleanly
  'cut', // the body ends early, by a reset
  'malformed', // 200 with incomplete JSON
] as const;
export type Fault = (typeof FAULTS)[number];

/** By service name: its total requests, and how often each fault was injected. */
export type FaultCounts = Record<string, { requests: number; faults: Record<string, number> }>;

export type FaultProxy = {
  /** The address to use instead of the upstream's. */
  url: string;
  /** Turns the faults on or off; they start off. */
  setActive(active: boolean): void;
  /** The total requests, and how often each fault was injected. */
  counts(): { requests: number; faults: Record<Fault, number> };
  close(): Promise<void>;
};

/** A request as it arrived, and the status of its answer. */
export type ProxiedRequest = {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  status: number | undefined;
};

/** An answer that the proxy gives by itself. */
export type MadeAnswer = { status: number; headers: Record<string, string>; body: Buffer };

type Options = {
  /** `http://host:port` of the real server. */
  upstream: string;
  /** The share of requests that get a fault, in [0, 1]. */
  rate: number;
  /** Returns numbers in [0, 1), which decide which requests fail, and how. */
  random: () => number;
  /** The faults to choose from; all by default. */
  faults?: readonly Fault[];
  /** Answers a request in place of the upstream; undefined: the upstream answers. */
  answerInstead?: (request: { url: string; body: Buffer }) => MadeAnswer | undefined;
  /** Called for each request that the upstream answered. */
  onAnswered?: (request: ProxiedRequest) => void;
  /** The upstream's bodies, JSON by default. `bytes` are passed on unchanged, and errors have S3's XML form. */
  speaks?: 'json' | 'bytes';
};

const STALL_MS = 1_500;
const KEPT_BYTES = 120;
const DRIP_MS = 30;
const DRIPS = 10;

/**
 * Starts a proxy that injects faults into a share of the requests to `upstream`. It replaces the upstream's address
 * with its own in JSON answers, so that a client that follows such an address stays behind the proxy.
 *
 * @example
 * const proxy = await startFaultProxy({ upstream: openai.url, rate: 0.1, random: seededRandom(seed, 1) });
 * proxy.setActive(true);
 */
export const startFaultProxy = async (options: Options): Promise<FaultProxy> => {
  const { upstream, rate, random, faults: possible = FAULTS, speaks = 'json' } = options;
  const { answerInstead, onAnswered } = options;
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
      if (answerInstead) {
        for await (const piece of incoming) body.push(piece);
        const made = answerInstead({ url: incoming.url ?? '', body: Buffer.concat(body) });
        if (made) {
          outgoing.writeHead(made.status, made.headers).end(made.body);
          return;
        }
      } else if (onAnswered) incoming.on('data', (piece) => body.push(piece));
      const answered = await forward(incoming, answerInstead && Buffer.concat(body), upstream, agent);
      onAnswered?.({
        method: incoming.method,
        url: incoming.url,
        headers: incoming.headers,
        body: Buffer.concat(body),
        status: answered.statusCode,
      });
      if (fault === 'answer_lost') {
        for await (const _ of answered); // read to the end, so that the upstream has surely finished
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

/** Handles the faults that never reach the upstream. Returns whether it answered the request. */
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
  for await (const _ of incoming); // an answer before the end of the request body would look like a reset
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

/** `body` is the request's if it was read already. */
const forward = (
  incoming: IncomingMessage,
  body: Buffer | undefined,
  upstream: string,
  agent: Agent,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(upstream);
    const { method, url: path } = incoming;
    // The host stays, since it is signed.
    const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
    // The path is sent unchanged: `URL` would normalise it, and an object's key may contain "..".
    const outward = request({ hostname, port, method, path, headers, agent }, resolve);
    outward.on('error', reject);
    incoming.on('error', reject);
    incoming.on('close', () => incoming.complete || outward.destroy());
    if (body === undefined) incoming.pipe(outward);
    else outward.end(body);
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
  else setTimeout(() => outgoing.destroy(), 5); // gives the written bytes time to be sent
};

const drip = async (piece: Buffer, outgoing: ServerResponse): Promise<void> => {
  const size = Math.max(1, Math.ceil(piece.length / DRIPS));
  for (let at = 0; at < piece.length && !outgoing.destroyed; at += size) {
    outgoing.write(piece.subarray(at, at + size));
    await delay(DRIP_MS);
  }
};
