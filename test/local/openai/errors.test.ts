import OpenAI, { AuthenticationError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { type LocalOpenai, localOpenai } from '../../fixtures/local-openai.ts';

let server: LocalOpenai;
beforeAll(async () => {
  server = await localOpenai();
});

const call = async (path: string, init: RequestInit = {}) => {
  const headers = { authorization: `Bearer ${server.apiKey}` };
  const response = await fetch(`${server.url}${path}`, { headers, ...init });
  const { error } = (await response.json()) as {
    error: { message: string; param: unknown; code: unknown; type: string };
  };
  return { status: response.status, error, requestId: response.headers.get('x-request-id') };
};
const post = (path: string, body: unknown) =>
  call(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const chat = (change: object) =>
  post('/chat/completions', {
    model: 'everytoken-ngram',
    messages: [{ role: 'user', content: 'Hi' }],
    ...change,
  });

test.each([
  ['no key', {}, null],
  ['another key', { authorization: 'Bearer sk-another' }, 'invalid_api_key'],
  ['a key of another kind', { authorization: 'Basic c2s6' }, null],
] as [string, Record<string, string>, string | null][])('%s gets OpenAI’s 401', async (_, headers, code) => {
  for (const path of ['/models', '/nothing', '/files']) {
    const { status, error, requestId } = await call(path, { headers });
    expect([status, error]).toEqual([
      401,
      { message: expect.stringContaining('stack.json'), type: 'invalid_request_error', param: null, code },
    ]);
    expect(requestId).toMatch(/^req_/);
  }
  const client = new OpenAI({ apiKey: 'sk-another', baseURL: server.url, maxRetries: 0 });
  await expect(client.models.list()).rejects.toBeInstanceOf(AuthenticationError);
});

test('an unknown parameter gets OpenAI’s error', async () => {
  const { status, error, requestId } = await chat({ foo: 1 });
  expect(status).toBe(400);
  expect(error).toEqual({
    message: 'Unrecognized request argument supplied: foo',
    type: 'invalid_request_error',
    param: null,
    code: null,
  });
  expect(requestId).toMatch(/^req_/);
});

test('parameters that this server does not support are refused by name', async () => {
  for (const name of ['functions', 'function_call', 'audio', 'modalities', 'web_search_options', 'min_p']) {
    expect((await chat({ [name]: [] })).error.message).toBe(
      `Unrecognized request argument supplied: ${name}`,
    );
  }
  expect((await chat({ reasoning_effort: 'high' })).error.param).toBe('reasoning_effort');
  expect(
    (await post('/completions', { model: 'everytoken-ngram', prompt: 'x', echo: true })).error.message,
  ).toContain('echo');
});

describe('a value out of range is a 400 that names its parameter', () => {
  const cases: [object, string, string][] = [
    [{ temperature: 2.1 }, 'temperature', 'decimal_above_max_value'],
    [{ temperature: 'hot' }, 'temperature', 'invalid_type'],
    [{ top_p: -0.1 }, 'top_p', 'decimal_below_min_value'],
    [{ top_k: 1.5 }, 'top_k', 'invalid_type'],
    [{ max_tokens: 0 }, 'max_tokens', 'integer_below_min_value'],
    [{ max_tokens: 5, max_completion_tokens: 5 }, 'max_tokens', 'invalid_parameter_combination'],
    [{ n: 0 }, 'n', 'integer_below_min_value'],
    [{ presence_penalty: 3 }, 'presence_penalty', 'decimal_above_max_value'],
    [{ frequency_penalty: -3 }, 'frequency_penalty', 'decimal_below_min_value'],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'array_above_max_length'],
    [{ stop: [''] }, 'stop', 'invalid_value'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs', 'integer_above_max_value'],
    [{ top_logprobs: 2 }, 'top_logprobs', 'invalid_value'],
    [{ stream_options: { include_usage: true } }, 'stream_options', 'invalid_value'],
    [{ pace: -1 }, 'pace', 'decimal_below_min_value'],
    [{ messages: [] }, 'messages', 'invalid_value'],
    [{ messages: undefined }, 'messages', 'missing_required_parameter'],
    [{ messages: [{ role: 'function', content: 'x' }] }, 'messages[0].role', 'invalid_value'],
    [
      { messages: [{ role: 'tool', content: 'x' }] },
      'messages[0].tool_call_id',
      'missing_required_parameter',
    ],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content', 'missing_required_parameter'],
    [
      { messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'call_1' }] }] },
      'messages[0].tool_calls[0].type',
      'invalid_value',
    ],
    [
      { messages: [{ role: 'assistant', function_call: { name: 'f', arguments: '{}' } }] },
      'messages[0].function_call',
      'invalid_value',
    ],
    [{ service_tier: 'fastest' }, 'service_tier', 'invalid_value'],
    [{ store: 'yes' }, 'store', 'invalid_type'],
    [{ verbosity: 'loud' }, 'verbosity', 'invalid_value'],
    [{ prediction: { type: 'text', content: 'x' } }, 'prediction.type', 'invalid_value'],
    [{ prediction: { type: 'content' } }, 'prediction.content', 'invalid_type'],
    [{ safety_identifier: 7 }, 'safety_identifier', 'invalid_type'],
    [{ prompt_cache_key: 7 }, 'prompt_cache_key', 'invalid_type'],
    [{ prompt_cache_retention: 'forever' }, 'prompt_cache_retention', 'invalid_value'],
    [{ metadata: { team: 7 } }, 'metadata', 'invalid_type'],
    [{ metadata: { team: 'x'.repeat(513) } }, 'metadata', 'invalid_value'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      'messages[0].content[0].type',
      'invalid_value',
    ],
    [{ model: undefined }, 'model', 'missing_required_parameter'],
    [{ logit_bias: { the: 1 } }, 'logit_bias', 'invalid_value'],
  ];
  test.each(cases)('%j', async (change, param, code) => {
    const { status, error } = await chat(change);
    expect([status, error.param, error.code]).toEqual([400, param, code]);
    expect(error.type).toBe('invalid_request_error');
  });
});

test('null means absent, and text may come in parts', async () => {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}` },
    body: JSON.stringify({
      model: 'everytoken-ngram',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Explain ' },
            { type: 'text', text: 'queues.' },
          ],
        },
      ],
      temperature: null,
      top_k: null,
      stop: null,
      seed: null,
      stream: null,
      stream_options: null,
      reasoning_effort: 'none',
      response_format: { type: 'text' },
      store: true,
      metadata: { team: 'docs' },
      service_tier: 'priority',
      verbosity: 'low',
      prediction: { type: 'content', content: [{ type: 'text', text: 'Queues hold work.' }] },
      safety_identifier: 'user-7',
      prompt_cache_key: 'docs',
      prompt_cache_retention: '24h',
      tools: null,
      tool_choice: null,
      max_completion_tokens: 3,
    }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    service_tier: 'default',
    usage: { completion_tokens: 3 },
  });
});

test('an answer sent back is taken, with the fields that SDKs and servers add to it', async () => {
  const answers = [
    {
      content: 'Queues hold work.',
      refusal: null,
      annotations: [],
      audio: null,
      tool_calls: [],
      parsed: null,
    },
    { content: '' },
    { content: null, refusal: 'I will not.' },
    {},
  ].map((fields) => ({ role: 'assistant', ...fields }));
  const { status } = await post('/chat/completions', {
    model: 'everytoken-ngram',
    messages: [{ role: 'system', content: '' }, ...answers, { role: 'user', content: 'Explain queues.' }],
    max_tokens: 3,
    top_p: 0,
    service_tier: 'auto',
  });
  expect(status).toBe(200);
});

test('an unknown model is a 404 that names the available ones', async () => {
  const { status, error } = await chat({ model: 'gpt-6-luna' });
  expect([status, error.code]).toEqual([404, 'model_not_found']);
  expect(error.message).toMatch(/gpt-6-luna.*everytoken-ngram/);
  expect((await call('/models/nothing')).error.code).toBe('model_not_found');
  expect((await post('/embeddings', { model: 'everytoken-ngram', input: 'x' })).status).toBe(404);
});

test('a body that is no JSON object is a 400', async () => {
  for (const body of ['{', '[]', 'null', ''])
    expect((await post('/chat/completions', body)).status).toBe(400);
});

test('a body over the limit is a 413', async () => {
  const { status, error } = await post('/embeddings', {
    model: 'everytoken-use',
    input: 'x'.repeat(9_000_000),
  });
  expect([status, error.type]).toEqual([413, 'invalid_request_error']);
});

test('an unknown route is a 404, another method a 405', async () => {
  expect(await call('/nothing')).toMatchObject({
    status: 404,
    error: { message: 'Invalid URL (GET /v1/nothing)' },
  });
  expect(await call('/chat/completions')).toMatchObject({
    status: 405,
    error: { code: 'method_not_supported' },
  });
  expect((await post('/models', {})).status).toBe(405);
  expect((await call('/../emissions/chatcmpl-none')).status).toBe(404);
});
