import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { type LocalOpenai, localOpenai } from '../../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const refusal = (change: object): Promise<unknown> =>
  client.responses
    .create({ model: 'everytoken-ngram', input: 'Hello', ...change } as never)
    .then(() => 'answered')
    .catch((thrown: unknown) => thrown);

const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'f', arguments: '{}' });
const output = (call_id: string) => ({ type: 'function_call_output', call_id, output: 'x' });
const picture = { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' };

describe('an invalid request is a 400 that names its parameter', () => {
  test.each<[object, string, string | null]>([
    [{ foo: 1 }, 'foo', 'unknown_parameter'],
    [{ messages: [] }, 'messages', 'unknown_parameter'],
    [{ n: 2 }, 'n', 'unknown_parameter'],
    [{ stop: 'x' }, 'stop', 'unknown_parameter'],
    [{ response_format: {} }, 'response_format', 'unknown_parameter'],
    [{ conversation: 'conv_1' }, 'conversation', 'unknown_parameter'],
    [{ input: undefined }, 'input', 'missing_required_parameter'],
    [{ input: 7 }, 'input', 'invalid_type'],
    [{ input: [] }, 'input', 'invalid_value'],
    [{ input: [7] }, 'input[0]', 'invalid_type'],
    [{ input: [{ content: 'x' }] }, 'input[0].role', 'missing_required_parameter'],
    [{ input: [{ role: 'tool', content: 'x' }] }, 'input[0].role', 'invalid_value'],
    [{ input: [{ role: 'user', content: [picture] }] }, 'input[0].content[0].type', 'invalid_value'],
    [{ input: [{ role: 'user', content: 'x', name: 'y' }] }, 'input[0].name', 'unknown_parameter'],
    [{ input: [{ type: 'computer_call' }] }, 'input[0].type', 'invalid_value'],
    [{ input: [{ type: 'function_call', call_id: 'a' }] }, 'input[0].name', 'missing_required_parameter'],
    [{ input: [output('a')] }, 'input', null],
    [{ input: [call('a'), call('b'), output('a')] }, 'input', null],
    [{ instructions: 7 }, 'instructions', 'invalid_type'],
    [{ max_output_tokens: 15 }, 'max_output_tokens', 'integer_below_min_value'],
    [{ temperature: 3 }, 'temperature', 'decimal_above_max_value'],
    [{ top_logprobs: 21 }, 'top_logprobs', 'integer_above_max_value'],
    [{ include: ['all'] }, 'include[0]', 'invalid_value'],
    [{ truncation: 'end' }, 'truncation', 'invalid_value'],
    [{ background: true }, 'background', 'invalid_value'],
    [{ reasoning: { effort: 'high' } }, 'reasoning.effort', 'invalid_value'],
    [{ reasoning: { budget: 7 } }, 'reasoning.budget', 'unknown_parameter'],
    [{ text: { verbosity: 'huge' } }, 'text.verbosity', 'invalid_value'],
    [{ text: { format: { type: 'xml' } } }, 'text.format.type', 'invalid_value'],
    [{ text: { format: { type: 'json_schema' } } }, 'text.format.name', 'missing_required_parameter'],
    [{ stream_options: { include_obfuscation: true } }, 'stream_options', 'invalid_value'],
    [
      { stream: true, stream_options: { include_usage: true } },
      'stream_options.include_usage',
      'unknown_parameter',
    ],
    [{ metadata: { a: 1 } }, 'metadata', 'invalid_type'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'invalid_value'],
    [{ tools: [{ type: 'function', name: 'a b' }] }, 'tools[0].name', 'invalid_value'],
    [{ tools: [{ type: 'function', function: {} }] }, 'tools[0].function', 'unknown_parameter'],
    [{ tool_choice: 'required' }, 'tool_choice', 'invalid_value'],
    [{ previous_response_id: 'resp_1' }, 'previous_response_id', 'previous_response_not_found'],
  ])('%j: %s', async (change, param, code) => {
    expect(await refusal(change)).toMatchObject({ status: 400, param, code, type: 'invalid_request_error' });
  });
});

test('parameters without effect are accepted', async () => {
  const answer = await refusal({
    background: false,
    include: ['reasoning.encrypted_content'],
    max_output_tokens: 16,
    max_tool_calls: 3,
    prompt_cache_key: 'a',
    reasoning: { effort: 'none', summary: 'auto' },
    safety_identifier: 'b',
    service_tier: 'flex',
    store: false,
    user: 'c',
  });
  expect(answer).toBe('answered');
});

test('nothing is stored, so that a response, its items and a reference to one are not found', async () => {
  const { id } = await client.responses.create({
    model: 'everytoken-ngram',
    input: 'Hello',
    max_output_tokens: 16,
  });
  const message = expect.stringContaining(`Response with id '${id}' not found.`);
  for (const answer of [
    client.responses.retrieve(id),
    client.responses.delete(id),
    client.responses.cancel(id),
    client.responses.inputItems.list(id),
  ])
    await expect(answer).rejects.toMatchObject({ status: 404, message });
  expect(await refusal({ input: [{ type: 'item_reference', id: 'msg_1' }] })).toMatchObject({ status: 404 });
});

test('another model gets OpenAI’s 404', async () => {
  expect(await refusal({ model: 'gpt-5' })).toMatchObject({ status: 404, code: 'model_not_found' });
});
