import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { percentile } from '../../lib/timing/spread.ts';
import { type LocalAws, startAws } from '../../local/aws/start-aws.ts';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { monotonicMs } from '../../local/openai/pace.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { clientOf } from './everytoken-client.ts';
import { endAll, root, temporaryFolder } from './stack-process.ts';

// More than the gateway, the function and the sockets buffer together for a reader that does not read.
const CHUNKS = 1_000;
const TEXT = 'a token '.repeat(500);
const PACE_MS = 2;

/** The instant of each write, on the clock of the trace's `t0_monotonic_ms`. */
const emittedAt: number[] = [];
const event = (fields: object) => `data: ${JSON.stringify({ id: 'chatcmpl-1', ...fields })}\n\n`;
const model = createServer(async (request, response) => {
  request.resume();
  if (request.method !== 'POST') return void response.writeHead(405).end(); // a function that warms up
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const piece = event({ choices: [{ index: 0, delta: { content: TEXT } }] });
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    await delay(PACE_MS);
    emittedAt.push(monotonicMs());
    response.write(piece);
  }
  response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  response.end(event({ choices: [], usage: { prompt_tokens: 4, completion_tokens: CHUNKS } }));
});

let aws: LocalAws;
beforeAll(async () => {
  model.listen(0, '127.0.0.1');
  await once(model, 'listening');
  const { template, bundles, compileCache } = await packageFunctions(
    root,
    join(root, 'node_modules/.cache/everytoken/packages'),
  );
  aws = await startAws({
    template: template as Template,
    bundles,
    compileCache,
    dataDir: temporaryFolder(),
    port: 0,
    environment: {
      OPENAI_BASE_URL: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`,
      OPENAI_API_KEY: 'any',
      PINECONE_API_KEY: 'any',
      DEFAULT_MODEL: 'bulky',
      ANONYMOUS_CALLER: 'local',
    },
    log: () => {},
  });
}, 300_000);
afterAll(async () => {
  await aws?.close();
  model.closeAllConnections();
  model.close();
  endAll();
});

/** Starts a streamed run and reads one byte of the answer per second; `stop` returns the number of bytes read. */
const readSlowly = async (url: string): Promise<{ stop: () => number }> => {
  const { hostname, port, host } = new URL(url);
  const body = JSON.stringify({ prompt: 'Explain back pressure.', stream: true, index: false });
  const socket: Socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.write(
    `POST /runs HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  let taken = 0;
  const timer = setInterval(() => {
    taken += socket.read(1)?.length ?? 0;
  }, 1_000);
  return {
    stop: () => {
      clearInterval(timer);
      socket.destroy();
      return taken;
    },
  };
};

describe('a reader of one byte per second', () => {
  test('changes no timing: each chunk is timed when the model server wrote it', async () => {
    const api = clientOf(aws.api);
    const reader = await readSlowly(aws.api);
    const run = await pollUntil(
      'the run is completed',
      async () => {
        const { body } = await api.list('?limit=1');
        return body.data?.[0]?.status === 'completed' && body.data[0];
      },
      120_000,
    ).finally(() => expect(reader.stop()).toBeLessThan(200));

    const { body: trace } = await api.trace(run.id);
    expect(trace.chunks.map(({ text }) => text === TEXT)).toEqual(Array(CHUNKS).fill(true));
    const { t0_monotonic_ms: t0, t1, tL, tE } = trace.marks;
    expect([t1, tL]).toEqual([trace.chunks[0]?.t_ms, trace.chunks.at(-1)?.t_ms]);
    expect(tE).toBeGreaterThanOrEqual(tL ?? Number.NaN);
    // The reader would have delayed these by hours; the remaining lag is the transport on this machine.
    const lags = trace.chunks.map(({ t_ms }, at) => t0 + t_ms - (emittedAt[at] ?? Number.NaN));
    const sorted = lags.toSorted((a, b) => a - b);
    expect(sorted[0]).toBeGreaterThan(-0.001);
    expect(percentile(sorted, 50)).toBeLessThan(50);
    expect(sorted.at(-1)).toBeLessThan(2_000);
  }, 300_000);
});
