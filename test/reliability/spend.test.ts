import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOpenAIModel } from '../../lib/adapters/openai/model.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import { dayOf } from '../../lib/budget/daily.ts';
import { DEFAULT_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import { makeRoutedGeneration } from '../../lib/generate/routed-generation.ts';
import { isObject } from '../../lib/json/value.ts';
import type { TokenPrice } from '../../lib/pricing/prices.ts';
import type { ModelApi } from '../../lib/sampling/catalogue-row.ts';
import { makeRouteOf, makeServer, type ServerKind } from '../../lib/sampling/server.ts';
import { CRASH_POINTS } from '../crash/faults.ts';
import {
  DONE,
  delta,
  EVENT_STREAM,
  finish,
  type Received,
  startModelServer,
  usage,
} from '../lib/adapters/openai/model-server.ts';
import { responseStream, textDelta } from '../lib/adapters/openai/responses-stream.ts';
import { makeMemoryEmbedder } from '../memory/embedder.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { makeService, type Plan } from './service.ts';

/** USD a million tokens. */
const PRICE: TokenPrice = { input: 2, cached: 2, output: 8, price: { source: 'x', as_of: '2026-11-01' } };
const nanoUsdOf = (prompt: number, completion: number) => prompt * 2_000 + completion * 8_000;

const BEGIN = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;

/**
 * How the server takes a request. All but `refuses` are billed: each byte of the body as a token, and as many tokens as
 * it may answer.
 */
const MOODS = ['answers', 'answers', 'counts nothing', 'breaks off', 'drops', 'refuses'] as const;
type Mood = (typeof MOODS)[number];

/** A bill, kept as requests arrive: before a request is served, all that is billed must be reserved. */
const makeMeter = () => {
  let world: World | undefined;
  let moods: Mood[] = [];
  const billed = { requests: 0, tokens: 0, fileNanoUsd: 0 };
  const worst = { ratio: 0, requests: 0, byResponses: 0, runs: 0 };
  const violations: string[] = [];

  /** The sums of all days so far: runs that the budget does not cover go on the day after. */
  const sumsByDay = async (): Promise<number[]> => {
    const days: number[] = [];
    if (!world) return days;
    for (let at = BEGIN; at <= world.clock.now(); at += DAY_MS)
      days.push((await world.spend.get({ caller: 'docs', day: dayOf(at) }))?.tokens ?? 0);
    return days;
  };
  const reservedTokens = async () => (await sumsByDay()).reduce((sum, tokens) => sum + tokens, 0);
  const fileOf = () => world && [...world.files.files.values()][0];
  const checkReserved = async (what: string) => {
    const reserved = await reservedTokens();
    if (billed.tokens > reserved) violations.push(`${what}: ${billed.tokens} billed, ${reserved} reserved`);
    if (reserved > 0) worst.ratio = Math.max(worst.ratio, billed.tokens / reserved);
    const file = fileOf();
    if (!file || file.maxCostUsd === null) return;
    const onFile = (await world?.spend.get({ fileId: file.id }))?.nanoUsd ?? 0;
    if (billed.fileNanoUsd > onFile)
      violations.push(`${what}: ${billed.fileNanoUsd} billed on the file, ${onFile} reserved`);
    if (onFile > Math.round(file.maxCostUsd * 1e9)) violations.push(`${what}: the file's limit is passed`);
  };

  return {
    billed,
    worst,
    violations,
    sumsByDay,
    reservedTokens,
    begin: (next: World, drawn: Mood[]) => {
      world = next;
      moods = drawn;
      violations.length = 0;
      Object.assign(billed, { requests: 0, tokens: 0, fileNanoUsd: 0 });
    },
    embedded: async (tokens: number) => {
      billed.tokens += tokens;
      await checkReserved('embeddings');
    },
    serve: async (response: ServerResponse, { path, body, bytes }: Received) => {
      const mood = moods[billed.requests % moods.length] ?? 'answers';
      billed.requests += 1;
      worst.requests += 1;
      const isResponse = path.endsWith('/responses');
      if (isResponse) worst.byResponses += 1;
      if (mood === 'refuses') {
        response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"broken"}}');
        return;
      }
      const { max_tokens, max_completion_tokens, max_output_tokens } = body;
      const limit = Number(max_tokens ?? max_completion_tokens ?? max_output_tokens);
      const most = limit + predictedBytes(body);
      billed.tokens += bytes + most;
      if (JSON.stringify(body.messages ?? body.input ?? body.prompt).includes('of a file'))
        billed.fileNanoUsd += nanoUsdOf(bytes, most);
      await checkReserved(mood);
      if (mood === 'drops') return void response.destroy();
      response.writeHead(200, EVENT_STREAM);
      const { begin, rest } = (isResponse ? asResponse : asChat)(bytes, most, mood);
      response.write(begin);
      if (mood === 'breaks off') return void response.destroy();
      response.end(rest);
    },
  };
};

/** An answer in two parts, of which a server that breaks off sends the first alone. */
type Answer = (prompt: number, completion: number, mood: Mood) => { begin: string; rest: string };

const asChat: Answer = (prompt, completion, mood) => {
  const counts = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  return {
    begin: delta({ role: 'assistant', content: 'some words ' }),
    rest: [
      delta({ content: 'and more' }),
      finish(),
      ...(mood === 'answers' ? [usage(counts)] : []),
      DONE,
    ].join(''),
  };
};

const asResponse: Answer = (prompt, completion, mood) => ({
  begin: textDelta('some words '),
  rest: responseStream(
    [
      { type: 'message', texts: ['some words and more'] },
      { type: 'reasoning', summary: ['Some thoughts.'], encrypted: 'gAAA' },
    ],
    { usage: mood === 'answers' ? { input_tokens: prompt, output_tokens: completion } : null },
  ),
});

/** Rejected tokens of a prediction are billed as completion tokens: at worst each byte of it. */
const predictedBytes = ({ prediction }: Received['body']): number =>
  isObject(prediction) ? Buffer.byteLength(String(prediction.content)) : 0;

const meter = makeMeter();
let server: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  server = await startModelServer(meter.serve);
});
afterAll(() => server.close());

const worldOn = (kind: ServerKind, api: ModelApi) => {
  const upstream = makeServer(server.baseURL, { kind, api });
  const routeOf = makeRouteOf(upstream, new Map());
  const model = makeOpenAIModel({ clock: systemClock, apiKey: 'k', baseURL: server.baseURL });
  const embedder = makeMemoryEmbedder();
  return makeWorld({
    defaults: { model: 'm', routeOf },
    priceOf: () => PRICE,
    generateOne: makeRoutedGeneration({
      routeOf,
      clients: new Map([[upstream, { model, identify: async () => {} }]]),
      pricesOf: () => ({ priceOf: () => PRICE }),
      isCold: () => false,
      policy: DEFAULT_RETRY_POLICY,
      clock: systemClock,
      sleep: async () => {},
      random: Math.random,
    }),
    // Bills a token for each byte, which is the most that a tokenizer can make of a text.
    embedder: {
      ...embedder,
      embed: async (texts) => {
        const tokens = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
        await meter.embedded(tokens);
        return { ...(await embedder.embed(texts)), tokens };
      },
    },
  });
};

const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => text.trim() !== '');
const maybe = <T>(field: fc.Arbitrary<T>) => fc.option(field, { nil: undefined });
const tool = fc.record({
  type: fc.constant('function'),
  function: fc.record({
    name: fc.constantFrom('find', 'add'),
    description: words,
    parameters: fc.constant({ type: 'object' }),
  }),
});
const schema = words.map((description) => ({
  type: 'json_schema',
  json_schema: { name: 'answer', schema: { type: 'object', description } },
}));

const called = fc.record({
  id: fc.constant('call_1'),
  type: fc.constant('function'),
  function: fc.record({ name: fc.constantFrom('find', 'add'), arguments: words }),
});
const reasoning = fc.record({
  id: fc.constant('rs_1'),
  summary: fc.array(words, { maxLength: 2 }),
  encrypted_content: maybe(words),
});
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('user', 'system'), content: words, name: maybe(fc.constant('ada')) }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.constantFrom('', 'I look.'),
    tool_calls: fc.array(called, { minLength: 1, maxLength: 2 }),
    reasoning: maybe(fc.array(reasoning, { minLength: 1, maxLength: 2 })),
  }),
  fc.record({ role: fc.constant('tool'), content: words, tool_call_id: fc.constant('call_1') }),
);

const body = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 4 }),
  max_tokens: fc.integer({ min: 1, max: 400 }),
  temperature: maybe(fc.constant(0.5)),
  stop: maybe(fc.array(words, { minLength: 1, maxLength: 2 })),
  response_format: maybe(schema),
  tools: maybe(fc.array(tool, { minLength: 1, maxLength: 3 })),
  extra_body: maybe(
    fc.record({
      tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
      logit_bias: maybe(fc.constant({ 5: 1 })),
      prediction: maybe(words.map((content) => ({ type: 'content', content }))),
    }),
  ),
  samples: fc.integer({ min: 1, max: 3 }),
  index: fc.boolean(),
});
const DOORS = ['whole', 'background', 'cancelled', 'deleted', 'v1', 'responses', 'prompt'] as const;
type Body = Record<string, unknown>;
const request = fc.record({ door: fc.constantFrom(...DOORS), body });

/** The request as the Responses API has it, with the messages as one text. */
const responseBody = ({ messages, max_tokens, temperature, response_format, tools }: Body) => ({
  ...{
    input: JSON.stringify(messages),
    instructions: 'Be brief.',
    max_output_tokens: max_tokens,
    temperature,
  },
  reasoning: { summary: 'auto' },
  text: isObject(response_format)
    ? { format: { type: 'json_schema', ...Object(response_format.json_schema) } }
    : undefined,
  tools: Array.isArray(tools) ? tools.map(({ type, function: called }) => ({ type, ...called })) : undefined,
});

const play = async ({
  requests,
  budget,
  kind,
  api = 'chat_completions',
  moods,
  plan,
  maxCostUsd,
}: {
  requests: { door: (typeof DOORS)[number]; body: Body }[];
  budget: number;
  kind: ServerKind;
  api?: ModelApi;
  moods: Mood[];
  plan: Plan;
  maxCostUsd: number | null;
}): Promise<void> => {
  const world = worldOn(kind, api);
  meter.begin(world, moods);
  await world.budgets.set('docs', { tokens: budget, costUsd: null });
  const service = makeService({ world, plan });
  const send = async ({ door, body: own }: (typeof requests)[number]) => {
    if (door === 'v1') {
      const { samples: n, extra_body: extra, ...chat } = own;
      const prediction = isObject(extra) ? extra.prediction : undefined;
      await service.ask('/v1/chat/completions', { body: { ...chat, n, prediction } });
      return;
    }
    if (door === 'responses') {
      await service.ask('/v1/responses', { body: responseBody(own) });
      return;
    }
    if (door === 'prompt') {
      const { messages, max_tokens, temperature, stop, samples } = own;
      const prompt = JSON.stringify(messages);
      await service.ask('/v1/completions', { body: { prompt, max_tokens, temperature, stop, n: samples } });
      return;
    }
    const { run } = await service.run({ ...own, background: door !== 'whole' });
    if (run.id === undefined) return;
    if (door === 'cancelled') await service.ask(`/runs/${run.id}/cancel`, { method: 'POST' });
    if (door === 'deleted') await service.ask(`/runs/${run.id}`, { method: 'DELETE' });
  };
  if (maxCostUsd !== null) {
    const lines = requests.map((_, at) => ({ prompt: `Line ${at} of a file.`, max_tokens: 50 }));
    const text = [{ defaults: { max_cost_usd: maxCostUsd } }, ...lines]
      .map((line) => JSON.stringify(line))
      .join('\n');
    service.machine.objects.send(world.drop('prompts/@docs/a.jsonl', text));
  }
  meter.worst.runs += requests.length;
  await Promise.all(requests.map((one) => send(one).catch(() => {})));
  await service.ask('/search', { body: { query: 'what was said about it' } }).catch(() => {});
  await service.untilQuiet();
  expect(meter.violations).toEqual([]);
  expect(meter.billed.tokens).toBeLessThanOrEqual(await meter.reservedTokens());
  for (const counted of await meter.sumsByDay()) expect(counted).toBeLessThanOrEqual(budget);
};

test('all that is billed was reserved before, within the budget, whatever is asked, at once and with crashes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        requests: fc.array(request, { minLength: 1, maxLength: 12 }),
        budget: fc.integer({ min: 500, max: 30_000 }),
        kind: fc.constantFrom<ServerKind>('everytoken', 'openai', 'other', 'vllm'),
        api: fc.constantFrom<ModelApi>('chat_completions', 'responses', 'as_needed'),
        moods: fc.array(fc.constantFrom(...MOODS), { minLength: 1, maxLength: 7 }),
        plan: fc
          .dictionary(fc.integer({ min: 1, max: 150 }).map(String), fc.constantFrom(...CRASH_POINTS), {
            maxKeys: 4,
          })
          .map(
            (faults) => new Map(Object.entries(faults).map(([at, fault]) => [Number(at), fault] as const)),
          ),
        maxCostUsd: fc.option(fc.double({ min: 0.001, max: 0.02, noNaN: true })),
      }),
      play,
    ),
    { numRuns: 60 },
  );
  expect(meter.worst.byResponses).toBeGreaterThan(10);
}, 120_000);

test('fifty runs at once against a budget for a few never spend more than it, to the last token', async () => {
  const one = { messages: [{ role: 'user', content: 'Explain budgets.' }], max_tokens: 200, index: false };
  const requests = Array.from({ length: 50 }, (_, at) => ({
    door: at % 2 === 0 ? ('whole' as const) : ('background' as const),
    body: one,
  }));
  await play({
    requests,
    budget: 2_000,
    kind: 'everytoken',
    moods: ['answers', 'breaks off', 'answers'],
    plan: new Map(),
    maxCostUsd: null,
  });
  expect(meter.billed.tokens).toBeGreaterThan(1_000);
}, 60_000);

afterAll(() => {
  const { runs, requests, byResponses, ratio } = meter.worst;
  console.info(
    `${runs} runs asked for, ${requests} requests billed, ${byResponses} of them by the Responses API; most of what was reserved that was billed: ${ratio.toFixed(4)}`,
  );
});
