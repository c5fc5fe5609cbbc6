import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { makeOpenAIModel } from '../../../lib/adapters/openai/model.ts';
import { openAIPrices } from '../../../lib/adapters/openai/prices.ts';
import { type GenerationTask, generateOne } from '../../../lib/generate/generate-one.ts';
import type { ModelApi } from '../../../lib/sampling/catalogue-row.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import {
  answerOf,
  delta,
  event,
  finish,
  startModelServer,
  writeParts,
} from '../adapters/openai/model-server.ts';
import {
  responseAnswer,
  responseEvent,
  responseOf,
  responseStream,
  textDelta,
} from '../adapters/openai/responses-stream.ts';

type Server = Awaited<ReturnType<typeof startModelServer>>;
type Answer = Parameters<typeof startModelServer>[0];
const started: Server[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const policy = {
  attempts: 4,
  firstTokenMs: 10_000,
  idleMs: 100,
  totalMs: 5_000,
  baseDelayMs: 1,
  maxDelayMs: 2,
  longestWaitMs: 300_000,
};

/** Resolves when the next answer has been read to its end and its connection is free, one turn of the event loop later. */
const nextAnswerRead = (): Promise<void> =>
  new Promise((resolve) => {
    const read = () => {
      unsubscribe('undici:request:trailers', read);
      setImmediate(() => setImmediate(resolve));
    };
    subscribe('undici:request:trailers', read);
  });

/** Generates from a server that gives these answers in turn, and the last one to all further requests. */
const generateFrom = async (answers: Answer[], setting = {}, api: ModelApi = 'chat_completions') => {
  let asked = 0;
  const server = await startModelServer((response, received) =>
    answers[Math.min(asked++, answers.length - 1)]?.(response, received),
  );
  started.push(server);
  const sent: string[] = [];
  const task: GenerationTask = {
    setting: { label: 'default', model: 'gpt-6-luna', maxTokens: 50, temperature: 0.5, topK: 40, ...setting },
    index: 0,
    sample: 0,
    messages: [{ role: 'user', content: 'Explain vector databases in a technical manner.' }],
    signal: new AbortController().signal,
    onChunk: ({ text }) => sent.push(text),
    onRestart: () => sent.push('restart'),
  };
  const generated = await generateOne(task, {
    model: makeOpenAIModel({ apiKey: 'key', baseURL: server.baseURL, clock }),
    server: makeServer(server.baseURL, { api }),
    clock,
    prices: openAIPrices,
    random: Math.random,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    coldStart: false,
    policy,
  });
  return { ...generated, sent, server };
};

const answerWith =
  (stream: string): Answer =>
  async (response) => {
    await writeParts(response, [stream.replaceAll('answering-model', 'gpt-6-luna')]);
    response.end();
  };
const whole = answerWith(answerOf('whole ', 'text'));
const refuse =
  (status: number, error: unknown, headers = {}): Answer =>
  (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error }));
  };
const say =
  (text: string, how: 'end' | 'destroy' | 'stall' = 'end'): Answer =>
  async (response) => {
    await writeParts(response, [text]);
    if (how !== 'stall') response[how]();
  };

/** Answers with this body: text as it is, anything else as JSON. */
const refuseWith =
  (status: number, body: unknown): Answer =>
  (response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

type Wire = { half: string; broken: string; whole: Answer };
const WIRES: [ModelApi, Wire][] = [
  [
    'chat_completions',
    {
      half: delta({ content: 'half' }),
      broken: event({ error: { message: 'oh', code: 'server_error' } }),
      whole,
    },
  ],
  [
    'responses',
    {
      half: textDelta('half'),
      broken: responseEvent({
        type: 'response.failed',
        response: responseOf({ status: 'failed', error: { message: 'oh', code: 'server_error' } }),
      }),
      whole: answerWith(responseAnswer('whole ', 'text')),
    },
  ],
];

describe.each(WIRES)('over %s:', (api, { half, broken, whole }) => {
  describe('a generation from a server that fails before it answers', () => {
    test('gets its whole text in the end, with every failed attempt by its name', async () => {
      const { generation, sent } = await generateFrom(
        [
          refuse(429, { code: 'rate_limit_exceeded' }, { 'retry-after-ms': '25' }),
          say(half, 'destroy'),
          say(half, 'stall'),
          whole,
        ],
        {},
        api,
      );
      expect(generation.attempts).toEqual([
        { error: 'rate_limited', status: 429, waited_ms: 25, ttft_ms: null, e2e_ms: expect.any(Number) },
        {
          error: 'upstream_error',
          status: null,
          waited_ms: expect.any(Number),
          ttft_ms: expect.any(Number),
          e2e_ms: expect.any(Number),
        },
        {
          error: 'idle_timeout',
          status: null,
          waited_ms: expect.any(Number),
          ttft_ms: expect.any(Number),
          e2e_ms: expect.any(Number),
        },
      ]);
      expect(generation).toMatchObject({
        status: 'completed',
        text: 'whole text',
        model: 'gpt-6-luna',
        usage: { completion_tokens: 3 },
        cost_usd: (9 * 0.1 + 3 * 0.5) / 1e6,
      });
      expect(sent).toEqual(['restart', 'half', 'restart', 'half', 'restart', 'whole ', 'text']);
    });

    test.each([
      ['incomplete_output', say(half)],
      ['incomplete_output', say('data: {"cut\n\n')],
      ['upstream_error', say(half + broken)],
      ['upstream_error', refuse(503, { message: 'overloaded' })],
    ])('fails as %s if every attempt fails', async (code, answer) => {
      const { generation, trace, server } = await generateFrom([answer], {}, api);
      expect(generation).toMatchObject({ status: 'failed', text: null, error: { code } });
      expect(server.received).toHaveLength(4);
      expect(JSON.stringify({ generation, trace })).not.toContain('half');
    });

    test('is not retried without credit', async () => {
      const { generation, server } = await generateFrom(
        [refuse(429, { code: 'insufficient_quota' }), whole],
        {},
        api,
      );
      expect(generation.error?.code).toBe('insufficient_quota');
      expect(server.received).toHaveLength(1);
    });
  });

  test('a field that the server does not support is left out and reported as not applied', async () => {
    const { generation, server } = await generateFrom(
      [
        refuse(400, {
          message: 'Unrecognized request argument supplied: top_k',
          type: 'invalid_request_error',
          param: null,
        }),
        whole,
      ],
      {},
      api,
    );
    expect(server.received.map(({ body }) => body.top_k)).toEqual([40, undefined]);
    expect(generation).toMatchObject({
      status: 'completed',
      sampling: { effective: { top_k: null, temperature: 0.5 } },
    });
    expect(generation.sampling.sent).not.toHaveProperty('top_k');
    expect(generation.sampling.warnings).toEqual(['top_k is not accepted by this server for gpt-6-luna']);
  });

  test.each([
    [
      'as FastAPI does',
      refuseWith(422, {
        detail: [{ type: 'extra_forbidden', loc: ['body', 'top_k'], msg: 'no', input: 40 }],
      }),
    ],
    [
      'as Gemini does',
      refuseWith(400, [{ error: { code: 400, message: 'Unknown name "top_k": Cannot find field.' } }]),
    ],
    ['as JSON in place of a stream', refuseWith(200, { message: 'Unknown parameter: top_k', code: 400 })],
    ['in an event', say(event({ error: { message: 'Unknown parameter: top_k', code: 400 } }))],
  ])('a field that is refused %s is left out and asked again', async (_, refusing) => {
    const { generation, server } = await generateFrom([refusing, whole], {}, api);
    expect(server.received.map(({ body }) => body.top_k)).toEqual([40, undefined]);
    expect(generation).toMatchObject({ text: 'whole text', sampling: { effective: { top_k: null } } });
    expect(generation.sampling.warnings).toEqual(['top_k is not accepted by this server for gpt-6-luna']);
  });
});

test('a field that is refused in a choice is left out and asked again', async () => {
  const refusing = say(event({ choices: [{ error: { message: 'Unknown parameter: top_k', code: 400 } }] }));
  const { generation, server } = await generateFrom([refusing, whole]);
  expect(server.received.map(({ body }) => body.top_k)).toEqual([40, undefined]);
  expect(generation.text).toBe('whole text');
});

describe('a generation by the Responses API', () => {
  const wholeResponse = answerWith(responseAnswer('whole ', 'text'));
  const refused = (param: string) => refuse(400, { message: `Unsupported parameter: '${param}'`, param });

  test('is asked again without a field inside an object that the server refuses', async () => {
    const setting = { topK: undefined, reasoningEffort: 'low', reasoningSummary: 'auto' };
    const answers = [refused('reasoning.summary'), refused('include'), wholeResponse];
    const { generation, server } = await generateFrom(answers, setting, 'responses');
    expect(server.received.map(({ path, body }) => [path, body.reasoning, body.include])).toEqual([
      ['/v1/responses', { effort: 'low', summary: 'auto' }, ['reasoning.encrypted_content']],
      ['/v1/responses', { effort: 'low' }, ['reasoning.encrypted_content']],
      ['/v1/responses', { effort: 'low' }, undefined],
    ]);
    expect(generation).toMatchObject({
      text: 'whole text',
      sampling: {
        sent: { reasoning: { effort: 'low' }, max_output_tokens: 50 },
        effective: { reasoning_effort: 'low', reasoning_summary: null },
      },
    });
  });

  test.each([['max_output_tokens'], ['tools'], ['store']])('fails where %s is refused', async (param) => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const { generation, server } = await generateFrom([refused(param)], { tools }, 'responses');
    expect([generation.error?.code, server.received.length]).toEqual(['invalid_request', 1]);
  });

  test('tells the operator that the server has no such API, or that it has no other for the model', async () => {
    const absent = await generateFrom([refuse(404, { message: 'Not Found' })], {}, 'responses');
    expect(absent.generation.error).toEqual({
      code: 'configuration',
      message: expect.stringMatching(/by the Responses API \(404\).*MODEL_CATALOGUE.*to "chat_completions"/),
    });
    const message = 'This model is only supported in v1/responses and not in v1/chat/completions.';
    const other = await generateFrom([refuse(404, { message, param: 'model' })]);
    expect(other.generation.error?.message).toMatch(/by chat completions .*to "responses"/);
    expect(other.server.received).toHaveLength(1);
  });

  test('has its calls and its reasoning, which the next turn sends back', async () => {
    const stream = responseStream([
      { type: 'reasoning', summary: ['I think.'], encrypted: 'gAAA' },
      { type: 'function_call', id: 'call_1', name: 'f', texts: ['{}'] },
    ]);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const { generation, trace } = await generateFrom([answerWith(stream)], { tools }, 'responses');
    expect(generation).toMatchObject({
      text: '',
      finish_reason: 'tool_calls',
      tool_calls: [{ id: 'call_1' }],
      reasoning: [{ id: 'rs_0', summary: ['I think.'], encrypted_content: 'gAAA', at: 0 }],
    });
    expect(trace.chunks).toMatchObject([{ kind: 'tool', text: '{}' }]);
    expect(trace.marks.completion_id).toBe('resp_1');
  });

  test('keeps its connection for the next, though its stream has no marker after its last event', async () => {
    const server = await startModelServer((response, received) => wholeResponse(response, received));
    started.push(server);
    const model = makeOpenAIModel({ apiKey: 'key', baseURL: server.baseURL, clock });
    const request = {
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      endpoint: 'responses' as const,
      body: {},
    };
    const options = { deadlines: policy, signal: new AbortController().signal };
    const isRead = nextAnswerRead();
    await model.stream(request, options);
    await isRead;
    const { connectMs, marks } = await model.stream(request, options);
    expect([connectMs, server.openSockets()]).toEqual([0, 1]);
    expect(marks.tE).toBeGreaterThanOrEqual(marks.tL ?? Number.NaN);
  });
});

test('stream options that are refused, as Mistral does, are left out and asked again', async () => {
  const detail = [
    { type: 'extra_forbidden', loc: ['body', 'stream_options', 'include_usage'], msg: 'no', input: true },
  ];
  const { generation, server } = await generateFrom(
    [
      refuseWith(422, { object: 'error', message: { detail }, type: 'invalid_request_error', code: null }),
      whole,
    ],
    { topK: undefined },
  );
  expect(server.received.map(({ body }) => 'stream_options' in body)).toEqual([true, false]);
  expect(generation).toMatchObject({ text: 'whole text', usage: { completion_tokens: 3 } });
  expect(generation.sampling.warnings).toEqual([expect.stringContaining('stream_options is not accepted')]);
});

test.each([
  ['a page', refuseWith(200, '<html>')],
  ['a request that is refused in the stream', say(event({ error: { message: 'too long', code: 400 } }))],
  ['an output without a text', say(delta({ content: { rays: 'x' } }) + finish())],
])('%s is asked for once', async (_, answer) => {
  const { generation, server } = await generateFrom([answer]);
  expect([generation.status, server.received.length]).toEqual(['failed', 1]);
});

test('an error after the whole output is a warning of its sampling', async () => {
  const late = say(delta({ content: 'whole' }) + finish() + event({ error: { message: 'oh', code: 500 } }));
  const { generation } = await generateFrom([late], { topK: undefined });
  expect(generation).toMatchObject({ status: 'completed', text: 'whole', attempts: [] });
  expect(generation.sampling.warnings).toEqual([
    'an error that came after the whole output was passed over: the model server failed (500): oh',
  ]);
});

test('the time per token excludes reasoning that is counted but not streamed', async () => {
  const { generation } = await generateFrom([
    async (response) => {
      await writeParts(response, [delta({ role: 'assistant', content: '' })]);
      await sleep(10);
      response.write(delta({ content: 'a' }));
      await sleep(10);
      response.write(delta({ content: 'b' }));
      const counts = {
        prompt_tokens: 1,
        completion_tokens: 102,
        completion_tokens_details: { reasoning_tokens: 100 },
      };
      response.end(finish() + event({ choices: [], usage: counts }));
    },
  ]);
  const { tpot_ms, ttfo_ms, ttlt_ms, ttft_ms } = generation.timing ?? {};
  expect(tpot_ms).toBeCloseTo(Number(ttlt_ms) - Number(ttfo_ms), 6);
  expect(ttft_ms).toBe(ttfo_ms);
  expect(generation.usage.reasoning_tokens).toBe(100);
});

describe('a generation that calls tools', () => {
  const tools = [{ type: 'function', function: { name: 'look_up' } }];
  const part = (fields: object) => delta({ tool_calls: [fields] });
  const twoCalls = [
    delta({ content: 'I look.' }),
    part({ index: 0, id: 'a', type: 'function', function: { name: 'look_up', arguments: '' } }),
    part({ index: 0, function: { arguments: '{"at"' } }),
    part({ index: 0, function: { arguments: ':1}' } }),
    part({ index: 1, id: 'b', type: 'function', function: { name: 'look_up', arguments: '{}' } }),
    finish('tool_calls'),
  ].join('');

  test('has its calls and their text, each chunk of arguments with its call', async () => {
    const { generation, trace, server } = await generateFrom([say(twoCalls)], { tools });
    expect(generation).toMatchObject({
      status: 'completed',
      text: 'I look.',
      finish_reason: 'tool_calls',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'look_up', arguments: '{"at":1}' } },
        { id: 'b', type: 'function', function: { name: 'look_up', arguments: '{}' } },
      ],
    });
    expect(trace.chunks.map(({ kind, call, text }) => [kind, call, text])).toEqual([
      [undefined, undefined, 'I look.'],
      ['tool', 0, '{"at"'],
      ['tool', 0, ':1}'],
      ['tool', 1, '{}'],
    ]);
    expect(trace.marks.tL).toBe(trace.chunks.at(-1)?.t_ms);
    expect(server.received[0]?.body).toMatchObject({ tools });
  });

  test('has the calls of its last attempt alone', async () => {
    const broken = say(part({ index: 0, id: 'z', function: { name: 'look_up', arguments: '{' } }), 'destroy');
    const { generation } = await generateFrom([broken, say(twoCalls)], { tools });
    expect(generation.tool_calls?.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('fails with the words of a server that takes no tools: it is not asked for a text instead', async () => {
    const message = 'Unsupported parameter: tools is not supported with this model';
    const { generation, server } = await generateFrom([refuse(400, { message, param: 'tools' }), whole], {
      tools,
    });
    expect(generation).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('tools') },
    });
    expect(server.received).toHaveLength(1);
  });

  test('keeps its structure for the next request, whatever schema a server has refused', async () => {
    const message =
      "Invalid schema for response_format 'person': In context=('properties', 'age'), 'not' is not permitted.";
    const responseFormat = { type: 'json_schema', json_schema: { name: 'person', schema: {} } };
    const answers = [refuse(400, { message, param: 'response_format', code: null }), whole];
    const { generation, server } = await generateFrom(answers, { responseFormat });
    expect(generation).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_request', param: 'response_format', message: expect.stringContaining('not') },
    });
    expect(server.received).toHaveLength(1);
  });

  test('has the code and the field of a server that refuses the request', async () => {
    const said = { message: 'too long', code: 'context_length_exceeded', param: 'messages' };
    const { generation } = await generateFrom([refuse(400, said)]);
    expect(generation.error).toEqual({
      code: 'invalid_request',
      message: expect.stringContaining('too long'),
      server_code: 'context_length_exceeded',
      param: 'messages',
    });
  });

  test('has no calls where it made none', async () => {
    const { generation } = await generateFrom([whole], { tools });
    expect(generation).not.toHaveProperty('tool_calls');
  });
});
