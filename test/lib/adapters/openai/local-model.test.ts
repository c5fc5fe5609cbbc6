import { beforeAll, expect, test } from 'vitest';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { openAIPrices } from '../../../../lib/adapters/openai/prices.ts';
import { systemClock } from '../../../../lib/adapters/system.ts';
import { generateOne } from '../../../../lib/generate/generate-one.ts';
import type { ModelApi } from '../../../../lib/sampling/catalogue-row.ts';
import { makeServer } from '../../../../lib/sampling/server.ts';
import type { Setting } from '../../../../lib/sampling/setting.ts';
import { type LocalOpenai, localOpenai } from '../../../fixtures/local-openai.ts';

let local: LocalOpenai;
beforeAll(async () => {
  local = await localOpenai();
});

const generate = async (api: ModelApi, own: Partial<Setting>) => {
  const { generation, trace } = await generateOne(
    {
      setting: { label: 'a', model: 'everytoken-ngram', maxTokens: 30, ...own },
      index: 0,
      sample: 0,
      messages: [{ role: 'user', content: 'What is a vector in Berlin?' }],
      signal: new AbortController().signal,
    },
    {
      model: makeOpenAIModel({ apiKey: local.apiKey, baseURL: local.url, clock: systemClock }),
      server: makeServer(local.url, { kind: 'everytoken', api }),
      clock: systemClock,
      prices: openAIPrices,
      random: Math.random,
      sleep: async () => {},
      coldStart: false,
    },
  );
  const { text, finish_reason, tool_calls, usage, sampling, error } = generation;
  return {
    ...{ text, finish_reason, completion_tokens: usage.completion_tokens, error },
    calls: tool_calls?.map(({ id: _, ...call }) => call),
    effective: sampling.effective,
    warnings: sampling.warnings,
    chunks: trace.chunks.map(({ t_ms: _, tokens: __, ...chunk }) => chunk),
  };
};

const parameters = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Berlin'] } },
  required: ['city'],
};
const schema = {
  type: 'object',
  properties: { ok: { type: 'boolean' } },
  required: ['ok'],
  additionalProperties: false,
};

test.each<[string, Partial<Setting>]>([
  ['a sampled text', { seed: 7, temperature: 0.8, topK: 40 }],
  ['log probabilities', { seed: 7, logprobs: true, topLogprobs: 2 }],
  [
    'a call of a tool',
    {
      seed: 7,
      tools: [{ type: 'function', function: { name: 'look_up', parameters } }],
      toolChoice: 'required',
    },
  ],
  [
    'a structure',
    { seed: 7, responseFormat: { type: 'json_schema', json_schema: { name: 'p', schema, strict: true } } },
  ],
])('the local model gives %s by the Responses API as by chat completions', async (_, setting) => {
  const [chat, response] = [
    await generate('chat_completions', setting),
    await generate('responses', setting),
  ];
  expect(chat.error).toBeNull();
  expect(response).toEqual(chat);
});
