import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export const FAULTS = [
  'retry_after', // 429 with Retry-After
  'rate_limited', // 429 without
  'server_error', // 500
  'reset', // the connection is reset before anything was done
  'answer_lost', // done, but the connection is reset instead of the answer
  'stall', // the answer begins late
  'truncated', // the body ends early, and cleanly
  'cut', // the body ends early, by a reset
  'malformed', // 200 with JSON that is not whole
] as const;
export type Fault = (typeof FAULTS)[number];

export type FaultProxy = {
  /** The address to use in place of the upstream's. */
  url: string;
  /** Nothing fails until this is true. */
  setActive(active: boolean): void;
  /** How often each fault was injected, and the requests in all. */
  counts(): { requests: number; faults: Record<Fault, number> };
  close(): Promise<void>;
};

type Options = {
  /** `http://host:port` of the real server. */
  upstream: string;
  /** The share of requests that meet a fault. */
  rate: number;
  /** In [0, 1): which requests fail, and how. */
  random: () => number;
};

const STALL_MS = 1_500;
const KEPT_BYTES = 120;

/**
 * A server in front of another one that lets some requests fail. Addresses of the upstream in its JSON answers become
 * the proxy's, so that a client which is told where to go on stays behind it.
 */
export const startFaultProxy = async ({ upstream, rate, random }: Options): Promise<FaultProxy> => {
  const agent = new Agent({ keepAlive: true });
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  let requests = 0;
  let isActive = false;
  let url = '';

  const draw = (): Fault | undefined => {
    requests += 1;
    if (!isActive || random() >= rate) return undefined;
    const fault = FAULTS[Math.floor(random() * FAULTS.length)];
    if (fault) faults[fault] += 1;
    return fault;
  };
  const server = createServer((incoming, outgoing) => {
    const answer = async () => {
      const fault = draw();
      if (fault === 'stall') await delay(STALL_MS * random());
      if (await refuse(fault, incoming, outgoing)) return;
      const answered = await forward(incoming, upstream, agent);
      if (fault === 'answer_lost') {
        for await (const _ of answered); // so that it has surely been done
        outgoing.destroy();
        return;
      }
      await passOn(answered, outgoing, { fault, from: upstream, to: url });
    };
    answer().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    setActive: (active) => {
      isActive = active;
    },
    counts: () => ({ requests, faults: { ...faults } }),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
};

/** The faults that the upstream never hears of. */
const refuse = async (
  fault: Fault | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<boolean> => {
  if (fault === 'reset') {
    outgoing.destroy();
    return true;
  }
  const status = { retry_after: 429, rate_limited: 429, server_error: 500, malformed: 200 }[fault as string];
  if (status === undefined) return false;
  for await (const _ of incoming); // an answer before the body's end would look like a reset
  const headers = { 'content-type': 'application/json' };
  outgoing.writeHead(status, fault === 'retry_after' ? { ...headers, 'retry-after': '1' } : headers);
  const error = { message: `injected: ${fault}`, type: fault, code: fault };
  outgoing.end(fault === 'malformed' ? '{"id": "x", "da' : JSON.stringify({ error }));
  return true;
};

const forward = (incoming: IncomingMessage, upstream: string, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { host } = new URL(upstream);
    const { method, headers } = incoming;
    const options = { method, headers: { ...headers, host, 'accept-encoding': 'identity' }, agent };
    const outward = request(upstream + incoming.url, options, resolve);
    outward.on('error', reject);
    incoming.on('error', reject);
    incoming.on('close', () => incoming.complete || outward.destroy());
    incoming.pipe(outward);
  });

const passOn = async (
  answered: IncomingMessage,
  outgoing: ServerResponse,
  { fault, from, to }: { fault: Fault | undefined; from: string; to: string },
): Promise<void> => {
  const { 'content-length': _, ...headers } = answered.headers;
  outgoing.writeHead(answered.statusCode ?? 502, headers);
  outgoing.on('close', () => answered.destroy());
  const isJson = headers['content-type']?.includes('json') ?? false;
  const isCut = fault === 'truncated' || fault === 'cut';
  const pieces: Buffer[] = [];
  for await (const piece of answered as AsyncIterable<Buffer>) {
    if (isJson) pieces.push(piece);
    else if (!isCut) outgoing.write(piece);
    else {
      outgoing.write(piece.subarray(0, KEPT_BYTES));
      break;
    }
  }
  const json = Buffer.concat(pieces).toString().replaceAll(from, to);
  if (isJson) outgoing.write(isCut ? json.slice(0, Math.floor(json.length / 2)) : json);
  if (fault !== 'cut') outgoing.end();
  else setTimeout(() => outgoing.destroy(), 5); // what was written should be on its way by then
};
