import type OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelApi } from '../../../../lib/sampling/catalogue-row.ts';
import { type LocalOpenai, localOpenai } from '../../../fixtures/local-openai.ts';
import { makeResponsesApp } from '../../../fixtures/responses-app.ts';
import { worldOverServer } from '../../../memory/world-over-server.ts';

const model = 'everytoken-ngram';
const APIS: ModelApi[] = ['chat_completions', 'responses'];

let local: LocalOpenai;
beforeAll(async () => {
  local = await localOpenai();
});

const clientOver = (api: ModelApi): OpenAI =>
  makeResponsesApp(undefined, { world: worldOverServer({ ...local, model }, { kind: 'everytoken', api }) })
    .openai;

const question = 'Is a vector database sound?';
const sampled = { model, seed: 7, temperature: 0.8, top_k: 40 };
const parameters = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Bern'] } },
  required: ['city'],
  additionalProperties: false,
};
const schema = {
  type: 'object',
  properties: { ok: { type: 'boolean' }, word: { type: 'string', enum: ['yes', 'no'] } },
  required: ['ok', 'word'],
  additionalProperties: false,
};

/** The same four requests by either front. */
const RESPONSES: Record<string, OpenAI.Responses.ResponseCreateParamsNonStreaming> = {
  text: { ...sampled, instructions: 'Be short.', input: question, max_output_tokens: 40 },
  'log probabilities': {
    ...{ ...sampled, input: question, max_output_tokens: 20, top_logprobs: 2 },
    include: ['message.output_text.logprobs'],
  },
  structure: {
    ...{ ...sampled, input: question },
    text: { format: { type: 'json_schema', name: 'verdict', strict: true, schema } },
  },
  call: {
    ...{ ...sampled, input: question, tool_choice: 'required' },
    tools: [{ type: 'function', name: 'weather', parameters, strict: true }],
  },
};
const messages = [{ role: 'user' as const, content: question }];
const CHATS: Record<string, OpenAI.ChatCompletionCreateParamsNonStreaming> = {
  text: {
    ...{ ...sampled, max_tokens: 40 },
    messages: [{ role: 'system', content: 'Be short.' }, ...messages],
  },
  'log probabilities': { ...sampled, messages, max_tokens: 20, logprobs: true, top_logprobs: 2 },
  structure: {
    ...{ ...sampled, messages },
    response_format: { type: 'json_schema', json_schema: { name: 'verdict', strict: true, schema } },
  },
  call: {
    ...{ ...sampled, messages, tool_choice: 'required' },
    tools: [{ type: 'function', function: { name: 'weather', parameters, strict: true } }],
  },
};
const KINDS = Object.keys(RESPONSES);

type Outcome = { text: string; calls: string[][]; logprobs: unknown; tokens: number | undefined };

const ofResponse = ({ output, usage }: OpenAI.Responses.Response): Outcome => {
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  const texts = parts.filter((part) => part.type === 'output_text');
  const logprobs = texts.flatMap(({ logprobs: own }) => own ?? []);
  return {
    text: texts.map(({ text }) => text).join(''),
    calls: output.flatMap((item) => (item.type === 'function_call' ? [[item.name, item.arguments]] : [])),
    logprobs: logprobs.map(({ token, logprob, top_logprobs: top }) => [
      token,
      logprob,
      top?.map((one) => one.token),
    ]),
    tokens: usage?.output_tokens,
  };
};

const ofChat = ({ choices: [choice], usage }: OpenAI.ChatCompletion): Outcome => ({
  text: choice?.message.content ?? '',
  calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function' ? [[call.function.name, call.function.arguments]] : [],
  ),
  logprobs: (choice?.logprobs?.content ?? []).map(({ token, logprob, top_logprobs: top }) => [
    token,
    logprob,
    top.map((one) => one.token),
  ]),
  tokens: usage?.completion_tokens,
});

/** The answer without the ids of its run and without those that the model server draws. */
const timeless = ({ output, status, usage }: OpenAI.Responses.Response) =>
  JSON.parse(JSON.stringify({ output, status, usage }).replace(/(run|"call)_[0-9A-Za-z]+/g, '$1'));

/** The response that a stream ends with. */
const lastOf = async (stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>) => {
  let last: OpenAI.Responses.ResponseStreamEvent | undefined;
  for await (const event of stream) last = event;
  if (last?.type !== 'response.completed' && last?.type !== 'response.incomplete')
    throw new Error(`it ended with ${last?.type}`);
  return last.response;
};

describe.each(APIS)('the Responses API over an upstream of %s', (api) => {
  test.each(KINDS)('answers %s whole, streamed and read later alike', async (kind) => {
    const openai = clientOver(api);
    const body = RESPONSES[kind];
    if (!body) throw new Error(kind);
    const whole = await openai.responses.create(body);
    const streamed = await lastOf(await openai.responses.create({ ...body, stream: true }));
    expect(whole.output.length).toBeGreaterThan(0);
    expect(timeless(streamed)).toEqual(timeless(whole));
    for (const { id, output, usage } of [whole, streamed]) {
      const read = await openai.responses.retrieve(id, { include: body.include ?? [] });
      expect([read.output, read.usage]).toEqual([output, usage]);
    }
  });

  test('ends a loop of tools that goes on from the previous response', async () => {
    const openai = clientOver(api);
    const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: true }];
    const first = await openai.responses.create({ model, input: 'The weather in Bern?', tools });
    const called = first.output.find((item) => item.type === 'function_call');
    expect(JSON.parse(called?.arguments ?? '')).toEqual({ city: 'Bern' });
    const second = await openai.responses.create({
      ...{ model, tools, previous_response_id: first.id },
      input: [{ type: 'function_call_output', call_id: called?.call_id ?? '', output: 'rain' }],
    });
    expect(second.output.map(({ type }) => type)).toEqual(['message']);
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? Infinity);
  });
});

test.each(KINDS)('%s is the same by either front over either upstream', async (kind) => {
  const [response, chat] = [RESPONSES[kind], CHATS[kind]];
  if (!response || !chat) throw new Error(kind);
  const outcomes = await Promise.all(
    APIS.flatMap((api) => [
      clientOver(api).responses.create(response).then(ofResponse),
      clientOver(api).chat.completions.create(chat).then(ofChat),
    ]),
  );
  const [first, ...others] = outcomes;
  expect(first?.tokens).toBeGreaterThan(0);
  for (const other of others) expect(other).toEqual(first);
});
