import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FAULTS,
  type Fault,
  type FaultProxy,
  type ProxiedRequest,
  startFaultProxy,
} from '../../../tools/soak/fault-proxy.ts';

let upstream = '';
let done: string[] = [];
const asked: string[] = [];
const server = createServer(async (incoming, outgoing) => {
  let body = '';
  for await (const piece of incoming) body += piece;
  done.push(body);
  asked.push(incoming.url ?? '');
  if (incoming.url === '/stream') {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.end(`data: ${'x'.repeat(1_000)}\n\n`);
  } else {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ host: `${upstream}/data`, body }));
  }
});
const proxies: FaultProxy[] = [];

/** A proxy that answers every request with one fault. */
const proxyWith = async (fault: Fault): Promise<FaultProxy> => {
  let draws = 0;
  const place = (FAULTS.indexOf(fault) + 0.5) / FAULTS.length;
  const random = () => (draws++ % 2 === 0 ? 0 : place); // whether, then which; the length of a stall is the next draw
  const proxy = await startFaultProxy({ upstream, rate: 1, random });
  proxies.push(proxy);
  return proxy;
};
const post = (proxy: FaultProxy, path = '/') => fetch(proxy.url + path, { method: 'POST', body: 'hello' });

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
  server.closeAllConnections();
  server.close();
});

describe('the fault proxy', () => {
  test('passes everything on until it is active, replacing the upstream’s address by its own', async () => {
    const proxy = await proxyWith('reset');
    const answer = await (await post(proxy)).json();
    expect(answer).toEqual({ host: `${proxy.url}/data`, body: 'hello' });
    expect(proxy.counts()).toMatchObject({ requests: 1, faults: { reset: 0 } });
  });

  test.each([
    ['retry_after', 429, '1'],
    ['rate_limited', 429, null],
    ['server_error', 500, null],
    ['unavailable', 503, null],
  ] as const)('on %s answers %i instead of the upstream', async (fault, status, retryAfter) => {
    done = [];
    const proxy = await proxyWith(fault);
    proxy.setActive(true);
    const answer = await post(proxy);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(done).toEqual([]);
    expect(proxy.counts().faults[fault]).toBe(1);
  });

  test('gives an answer of its own, and hands on a request that has none', async () => {
    done = [];
    const answerInstead = ({ url, body }: { url: string; body: Buffer }) =>
      url === '/odd'
        ? { status: 418, headers: { 'x-odd': '1' }, body: Buffer.concat([body, body]) }
        : undefined;
    const proxy = await startFaultProxy({ upstream, rate: 0, random: () => 0, answerInstead });
    proxies.push(proxy);
    const odd = await post(proxy, '/odd');
    expect([odd.status, odd.headers.get('x-odd'), await odd.text()]).toEqual([418, '1', 'hellohello']);
    expect(await (await post(proxy)).json()).toMatchObject({ body: 'hello' });
    expect(done).toEqual(['hello']);
  });

  test.each([
    ['reset', []],
    ['answer_lost', ['hello']],
  ] as const)('on %s closes without an answer; the upstream has received %j', async (fault, heard) => {
    done = [];
    const proxy = await proxyWith(fault);
    proxy.setActive(true);
    await expect(post(proxy)).rejects.toThrow('fetch failed');
    expect(done).toEqual(heard);
  });

  test('on malformed answers 200 with incomplete JSON', async () => {
    const proxy = await proxyWith('malformed');
    proxy.setActive(true);
    const answer = await post(proxy);
    expect(answer.status).toBe(200);
    await expect(answer.json()).rejects.toThrow(SyntaxError);
  });

  test('on truncated ends a stream early but cleanly, on cut by a reset', async () => {
    const truncated = await proxyWith('truncated');
    truncated.setActive(true);
    expect(await (await post(truncated, '/stream')).text()).toMatch(/^data: x{100,120}$/);
    const cut = await proxyWith('cut');
    cut.setActive(true);
    await expect(post(cut, '/stream').then((answer) => answer.text())).rejects.toThrow();
  });

  test('on drip passes an answer on in small pieces, complete in the end', async () => {
    const proxy = await proxyWith('drip');
    proxy.setActive(true);
    const pieces: string[] = [];
    const answer = await post(proxy);
    for await (const piece of answer.body ?? []) pieces.push(Buffer.from(piece).toString());
    expect(pieces.length).toBeGreaterThan(1);
    expect(JSON.parse(pieces.join(''))).toEqual({ host: `${proxy.url}/data`, body: 'hello' });
  });

  test('reports each answer of the upstream, with the request as it was received', async () => {
    const answered: ProxiedRequest[] = [];
    const proxy = await startFaultProxy({
      ...{ upstream, rate: 0, random: () => 1, onAnswered: (request) => answered.push(request) },
    });
    proxies.push(proxy);
    expect(await (await post(proxy, '/told')).text()).toContain('hello');
    expect(answered).toMatchObject([
      { method: 'POST', url: '/told', body: Buffer.from('hello'), status: 200 },
    ]);
    expect(answered[0]?.headers.host).toBe(new URL(proxy.url).host);
  });

  test('passes bytes on unchanged, with their length, under the requested path', async () => {
    const proxy = await startFaultProxy({ upstream, rate: 1, random: () => 0, speaks: 'bytes' });
    proxies.push(proxy);
    const path = '/a/../b%2F..?x=%zz';
    const { hostname, port } = new URL(proxy.url);
    const outgoing = request({ hostname, port, path, method: 'POST' });
    outgoing.end('hello');
    const [answer] = await once(outgoing, 'response');
    const text = Buffer.concat(await answer.toArray()).toString();
    expect(asked.at(-1)).toBe(path);
    expect(JSON.parse(text)).toEqual({ host: `${upstream}/data`, body: 'hello' });
  });

  test('answers in XML when it proxies bytes', async () => {
    const proxy = await startFaultProxy({
      ...{ upstream, rate: 1, random: () => 0, speaks: 'bytes', faults: ['unavailable'] },
    });
    proxies.push(proxy);
    proxy.setActive(true);
    const answer = await post(proxy);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/xml']);
    expect(await answer.text()).toContain('<Code>unavailable</Code>');
  });
});
