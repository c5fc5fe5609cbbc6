import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { ApiKey } from '../../lib/adapters/openai/client.ts';
import { makeOpenAIModel } from '../../lib/adapters/openai/model.ts';
import { openAIPrices } from '../../lib/adapters/openai/prices.ts';
import { makeSecret } from '../../lib/adapters/settings/secrets.ts';
import { type GenerateOne, generateOne } from '../../lib/generate/generate-one.ts';
import { DEFAULT_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import type { Problem } from '../../lib/http/problem.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { makeServer } from '../../lib/sampling/server.ts';
import { answerOf, delta, event, startModelServer, writeParts } from '../lib/adapters/openai/model-server.ts';
import { makeWorld } from '../memory/world.ts';
import { startParameterStore } from './parameter-store.ts';
import { makeService } from './service.ts';

type Answer = Parameters<typeof startModelServer>[0];

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const policy = { ...DEFAULT_RETRY_POLICY, idleMs: 60, totalMs: 5_000, baseDelayMs: 1, maxDelayMs: 2 };

/** The service with a real model server that gives these answers one after the other, and repeats the last one. */
const serviceOn = async (answers: Answer[], apiKey: ApiKey = 'key') => {
  let asked = 0;
  const server = await startModelServer((response, received) =>
    answers[Math.min(asked++, answers.length - 1)]?.(response, received),
  );
  closing.push(server.close);
  const deps = {
    model: makeOpenAIModel({ apiKey, baseURL: server.baseURL, clock }),
    server: makeServer(server.baseURL),
    clock,
    prices: openAIPrices,
    random: Math.random,
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }),
    coldStart: false,
    policy,
  };
  const overHttp: GenerateOne = (input) => generateOne(input, deps);
  const service = makeService({ world: makeWorld({ generateOne: overHttp }) });
  return {
    ...service,
    server,
    /** Requests a run. Resolves to the run with the answer, or to the problem that carries the run. */
    generate: async () => {
      const response = await service.ask('/runs', { body: { prompt: 'one' } });
      const answer = (await response.json()) as RunView | Problem;
      const run = 'run' in answer ? answer.run : answer;
      return { status: response.status, code: 'code' in answer ? answer.code : null, run: run as RunView };
    },
  };
};

const whole: Answer = async (response) => {
  await writeParts(response, [answerOf('whole ', 'text')]);
  response.end();
};
const half = delta({ content: 'half' });
const say =
  (text: string, how: 'end' | 'stall' = 'end'): Answer =>
  async (response) => {
    await writeParts(response, [text]);
    if (how === 'end') response.end();
  };
const refuse =
  (status: number, error: unknown, headers = {}): Answer =>
  (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error }));
  };
const triesOf = (run: RunView) => run.generations[0]?.attempts.map(({ error }) => error);

test('15. a stream that ends without a finish reason is incomplete_output: retried, then failed, never published', async () => {
  const once = await serviceOn([say(half), whole]);
  const { status, run } = await once.generate();
  expect([status, run.generations[0]?.text, triesOf(run)]).toEqual([
    201,
    'whole text',
    ['incomplete_output'],
  ]);
  const always = await serviceOn([say(half)]);
  const failed = await always.generate();
  expect([failed.status, failed.code, failed.run.status]).toEqual([502, 'incomplete_output', 'failed']);
  expect(always.server.received).toHaveLength(policy.attempts);
  expect([...always.world.content.objects.values()].join()).not.toContain('half');
});

test('16. a stream that stalls is ended by the idle deadline, as idle_timeout', async () => {
  const { run } = await (await serviceOn([say(half, 'stall'), whole])).generate();
  expect([run.generations[0]?.text, triesOf(run)]).toEqual(['whole text', ['idle_timeout']]);
  const failed = await (await serviceOn([say(half, 'stall')])).generate();
  expect([failed.status, failed.code]).toEqual([504, 'idle_timeout']);
});

test.each([
  ['rate_limit_exceeded', 'rate_limited', true],
  ['server_error', 'upstream_error', true],
  ['insufficient_quota', 'insufficient_quota', false],
  ['invalid_request_error', 'invalid_request', false],
])('17. an error event inside the stream is classed by its code: %s is %s', async (said, code, isRetried) => {
  const broken = say(half + event({ error: { message: 'oh', code: said } }));
  const { generate, server } = await serviceOn([broken, whole]);
  const { run, code: answered } = await generate();
  if (isRetried) expect([run.generations[0]?.text, triesOf(run)]).toEqual(['whole text', [code]]);
  else expect([run.status, answered, server.received.length]).toEqual(['failed', code, 1]);
});

test('18. after a 429 the retry waits as long as Retry-After says; insufficient_quota is final at once', async () => {
  const limited = refuse(429, { code: 'rate_limit_exceeded' }, { 'retry-after-ms': '40' });
  const { run } = await (await serviceOn([limited, whole])).generate();
  expect(run.generations[0]).toMatchObject({
    text: 'whole text',
    attempts: [{ error: 'rate_limited', status: 429, waited_ms: 40 }],
  });
  const { generate, server } = await serviceOn([refuse(429, { code: 'insufficient_quota' }), whole]);
  expect(await generate()).toMatchObject({
    status: 429,
    code: 'insufficient_quota',
    run: { status: 'failed' },
  });
  expect(server.received).toHaveLength(1);
});

const onlyNewKey: Answer = (response, received) =>
  received.headers.authorization === 'Bearer new-key'
    ? whole(response, received)
    : refuse(401, { message: 'Incorrect API key provided: old-key' })(response, received);

test('28. the parameter of a revoked key is read once more, and a key that is still refused names the service', async () => {
  const rotated = await startParameterStore(['old-key', 'new-key']);
  closing.push(rotated.close);
  const secret = () => makeSecret({ parameter: '/everytoken/key' }, 'OPENAI_API_KEY');
  const service = await serviceOn([onlyNewKey], secret());
  expect(await service.generate()).toMatchObject({
    status: 201,
    run: { generations: [{ text: 'whole text', attempts: [{ error: 'configuration' }] }] },
  });
  await service.generate();
  expect(rotated.read).toEqual(Array(2).fill({ Name: '/everytoken/key', WithDecryption: true }));

  const revoked = await startParameterStore(['old-key']);
  closing.push(revoked.close);
  const refused = await serviceOn([onlyNewKey], secret());
  const { run, code } = await refused.generate();
  expect([code, run.status]).toEqual(['configuration', 'failed']);
  expect(run.error?.message).toMatch(/openai.*OPENAI_API_KEY/);
  expect(JSON.stringify([run, refused.world.log.entries])).not.toContain('old-key');
  expect([revoked.read.length, refused.server.received.length]).toEqual([2, 1]);
});
