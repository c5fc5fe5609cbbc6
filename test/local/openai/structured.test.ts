import OpenAI, { BadRequestError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { countTokens, encodeText } from '../../../local/model/tokens.ts';
import type { Emissions } from '../../../local/openai/emissions.ts';
import { type LocalOpenai, localOpenai } from '../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const model = 'everytoken-ngram';
const messages = [{ role: 'user' as const, content: 'Describe a message queue, as JSON.' }];

const Part = z.object({
  name: z.string().min(2).max(60),
  kind: z.enum(['producer', 'consumer', 'broker']),
  weight: z.number().min(0).max(1),
  get parts() {
    return z.array(Part).max(2);
  },
});
const Answer = z.object({
  title: z.string(),
  created: z.iso.date(),
  owner: z.email().nullable(),
  code: z.string().regex(/^[A-Z]{2}-\d{3}$/),
  retries: z.int().min(1).max(9),
  parts: z.array(Part).min(1),
  state: z.discriminatedUnion('is', [
    z.object({ is: z.literal('running'), since: z.int().positive() }),
    z.object({ is: z.literal('stopped'), reason: z.string() }),
  ]),
});
const format = zodResponseFormat(Answer, 'answer');
const schemaFormat = (schema: Record<string, unknown>, strict = true) => ({
  type: 'json_schema' as const,
  json_schema: { name: 'answer', strict, schema },
});

describe('an answer with a JSON schema', () => {
  test.each([0, 0.7, 1, 2])('is parsed by the SDK at temperature %d', async (temperature) => {
    const answer = await client.chat.completions.parse({
      model,
      messages,
      n: 4,
      temperature,
      response_format: format,
    });
    expect(answer.choices).toHaveLength(4);
    for (const { message, finish_reason } of answer.choices) {
      expect(finish_reason).toBe('stop');
      expect(message.parsed).toEqual(Answer.parse(JSON.parse(message.content ?? '')));
    }
    expect(answer.usage?.completion_tokens).toBeLessThan(4 * 1_000);
  });

  test('is the same whole and streamed for the same seed, and its emissions count every token', async () => {
    const request = { model, messages, seed: 5, response_format: format };
    const whole = await client.chat.completions.parse(request);
    const stream = client.chat.completions.stream({
      ...request,
      stream_options: { include_usage: true },
      logprobs: true,
    });
    const streamed = await stream.finalChatCompletion();
    expect(streamed.choices[0]?.message.parsed).toEqual(whole.choices[0]?.message.parsed);
    expect(streamed.usage).toEqual(whole.usage);
    const response = await fetch(new URL(`/emissions/${streamed.id}`, server.url), {
      headers: { authorization: `Bearer ${server.apiKey}` },
    });
    const { writes } = (await response.json()) as Emissions;
    expect(writes.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(streamed.usage?.completion_tokens);
  });

  test('has the subject of the prompt in its texts', async () => {
    const schema = z.object({ texts: z.array(z.string().min(80)).min(4) });
    const answer = await client.chat.completions.parse({
      model,
      messages: [{ role: 'user', content: 'How do message queues work?' }],
      seed: 1,
      response_format: zodResponseFormat(schema, 'texts'),
    });
    expect(answer.choices[0]?.message.parsed?.texts.join(' ')).toMatch(/queue|message|consumer|broker/i);
  });

  test('is cut by max_tokens, with the finish reason length', async () => {
    const answer = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 6,
      response_format: format,
    });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(6);
    expect(() => JSON.parse(choice?.message.content ?? '')).toThrow();
  });

  test('has logprobs that are conditioned on the schema: forced tokens are certain, the others share what is allowed', async () => {
    const schema = z.object({ colour: z.enum(['red', 'green', 'blue']), is: z.boolean() });
    const answer = await client.chat.completions.create({
      model,
      messages,
      logprobs: true,
      top_logprobs: 20,
      response_format: zodResponseFormat(schema, 'colours'),
    });
    const [choice] = answer.choices;
    const tokens = choice?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join('')).toBe(choice?.message.content);
    expect(tokens[0]).toMatchObject({ token: '{"', logprob: 0, top_logprobs: [{ token: '{"' }] });
    for (const { top_logprobs: top } of tokens)
      expect(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 9);
    const colour = tokens.find(({ top_logprobs: top }) => top.length === 3);
    expect(colour?.top_logprobs.map(({ token }) => token).toSorted()).toEqual(['blue', 'green', 'red']);
  });

  test('follows logit_bias among what the schema allows', async () => {
    const schema = z.object({ is: z.boolean() });
    const request = { model, messages, response_format: zodResponseFormat(schema, 'flag') };
    const { choices } = await client.chat.completions.create({
      ...request,
      n: 8,
      logit_bias: { [String(encodeText('true')[0])]: 100 },
    });
    for (const { message } of choices) expect(message.content).toBe('{"is":true}');
  });

  test('may leave out optional properties when the schema is not strict', async () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'boolean' }, b: { type: 'boolean' } },
      required: ['b', 'c'],
    };
    const { choices } = await client.chat.completions.create({
      model,
      messages,
      n: 20,
      seed: 1,
      response_format: schemaFormat(schema, false),
    });
    const names = choices.map(({ message }) => Object.keys(JSON.parse(message.content ?? '')).join());
    expect(new Set(names)).toEqual(new Set(['a,b,c', 'b,c']));
  });

  test('adds the tokens of the schema to those of the prompt', async () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const request = { model, messages, response_format: schemaFormat(schema) };
    const { usage, choices } = await client.chat.completions.create(request);
    const texts = [messages[0]?.content ?? '', JSON.stringify(schema)];
    expect(usage?.prompt_tokens).toBe(texts.reduce((sum, text) => sum + countTokens(text), 0));
    expect(choices[0]?.message.content).toBe('{}');
  });
});

describe('an answer in JSON mode', () => {
  test('is an object', async () => {
    const { choices } = await client.chat.completions.create({
      model,
      messages,
      n: 10,
      response_format: { type: 'json_object' },
    });
    for (const { message } of choices)
      expect(JSON.parse(message.content ?? '')).toMatchObject({ title: expect.any(String) });
  });

  test('needs a message that mentions JSON', async () => {
    await expect(
      client.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'Describe a queue.' }],
        response_format: { type: 'json_object' },
      }),
    ).rejects.toThrow("'messages' must contain the word 'json' in some form");
  });
});

const strictObject = (properties: Record<string, unknown>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const nested = (levels: number): Record<string, unknown> =>
  strictObject(levels === 1 ? {} : { inner: nested(levels - 1) });

describe('a schema that cannot be written gets OpenAI’s 400', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'no object',
      { type: 'array', items: {} },
      /In context=\(\), schema must be a JSON Schema of 'type: "object"', got 'type: "array"'/,
    ],
    [
      'an open object',
      { type: 'object', properties: {} },
      /In context=\(\), 'additionalProperties' is required to be supplied and to be false/,
    ],
    [
      'an optional property',
      { ...strictObject({ a: { type: 'string' } }), required: [] },
      /In context=\(\), 'required' is required .* Missing 'a'\./,
    ],
    ['no type', strictObject({ a: {} }), /In context=\('properties', 'a'\), schema must have a 'type' key/],
    [
      'another keyword',
      strictObject({ a: { type: 'string', not: {} } }),
      /In context=\('properties', 'a'\), 'not' is not permitted/,
    ],
    [
      'a lookaround',
      strictObject({ a: { type: 'string', pattern: '^(?!x)' } }),
      /\('properties', 'a'\), 'pattern' has a lookaround/,
    ],
    [
      'an unknown format',
      strictObject({ a: { type: 'string', format: 'iban' } }),
      /'format' with the value 'iban' is not permitted/,
    ],
    [
      'an empty range',
      strictObject({ a: { type: 'integer', minimum: 3, maximum: 2 } }),
      /the range of the number has no number/,
    ],
    [
      'an unknown reference',
      strictObject({ a: { $ref: '#/$defs/b' } }),
      /'\$ref' is not found in the schema: #\/\$defs\/b/,
    ],
    ['an endless value', strictObject({ a: { $ref: '#' } }), /has no finite value/],
    ['more than ten levels', nested(11), /more than 10 levels of nesting/],
    [
      'more than 5,000 properties',
      strictObject(
        Object.fromEntries(Array.from({ length: 5_001 }, (_, at) => [`p${at}`, { type: 'null' }])),
      ),
      /more than 5000 properties/,
    ],
  ])('%s', async (_, schema, message) => {
    const error: unknown = await client.chat.completions
      .create({ model, messages, response_format: schemaFormat(schema) })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param: 'response_format', type: 'invalid_request_error' });
    expect(String(error)).toMatch(/Invalid schema for response_format 'answer': /);
    expect(String(error)).toMatch(message);
  });

  test('and ten levels are written', async () => {
    const request = { model, messages, response_format: schemaFormat(nested(10)) };
    const { choices } = await client.chat.completions.create(request);
    expect(choices[0]?.message.content).toBe(`${'{"inner":'.repeat(9)}{}${'}'.repeat(9)}`);
  });

  test.each<[unknown, string, string]>([
    ['json', 'response_format', 'invalid_type'],
    [{ type: 'yaml' }, 'response_format.type', 'invalid_value'],
    [{ type: 'json_schema' }, 'response_format.json_schema', 'missing_required_parameter'],
    [{ type: 'json_schema', schema: {} }, 'response_format.schema', 'unknown_parameter'],
    [
      { type: 'json_schema', json_schema: {} },
      'response_format.json_schema.name',
      'missing_required_parameter',
    ],
    [
      { type: 'json_schema', json_schema: { name: 'a b' } },
      'response_format.json_schema.name',
      'invalid_value',
    ],
    [
      { type: 'json_schema', json_schema: { name: 'a' } },
      'response_format.json_schema.schema',
      'missing_required_parameter',
    ],
    [
      { type: 'json_schema', json_schema: { name: 'a', schema: {}, strict: 1 } },
      'response_format.json_schema.strict',
      'invalid_type',
    ],
  ])('%j is refused as %s', async (response_format, param, code) => {
    await expect(
      client.chat.completions.create({ model, messages, response_format } as never),
    ).rejects.toMatchObject({ status: 400, param, code });
  });
});
