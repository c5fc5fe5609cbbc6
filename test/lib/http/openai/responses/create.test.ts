import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { responseSchema } from '../../../../../lib/http/openai/responses/schemas.ts';
import { makeTokenLogprob } from '../../../../factories/generation.ts';
import { makeResponsesApp } from '../../../../fixtures/responses-app.ts';

const input = 'Explain neural nets.';

describe('a response, whole', () => {
  test('is the run in OpenAI’s shape, with the id of the run', async () => {
    const { openai, tasks } = makeResponsesApp();
    const answer = await openai.responses.create({
      input,
      instructions: 'Be short.',
      metadata: { team: 'docs' },
    });
    expect(answer.output_text).toBe('Layers of sums.');
    const { output_text: _joinedBySdk, ...sent } = answer;
    const response = responseSchema.parse(sent);
    expect(response).toMatchObject({
      id: `resp_${answer._request_id}`,
      ...{ object: 'response', status: 'completed', instructions: 'Be short.', metadata: { team: 'docs' } },
      output: [
        {
          ...{ id: `msg_${answer._request_id}_0`, type: 'message', role: 'assistant', status: 'completed' },
          content: [{ type: 'output_text', text: 'Layers of sums.', annotations: [], logprobs: [] }],
        },
      ],
      usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 },
      everytoken: { run_id: answer._request_id },
    });
    expect(tasks[0]?.messages).toEqual([
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: input },
    ]);
    expect(tasks[0]?.setting).toMatchObject({ maxTokens: 4096 });
  });

  test('has the settings as they were given, and OpenAI’s defaults for the others', async () => {
    const { openai, tasks } = makeResponsesApp();
    const weather = {
      type: 'function' as const,
      name: 'weather',
      strict: true,
      parameters: { type: 'object' },
    };
    const shell = {
      ...{ type: 'custom' as const, name: 'sql', description: 'Asks.' },
      format: { type: 'grammar' as const, syntax: 'regex' as const, definition: 'SELECT .*' },
    };
    const settings = {
      ...{ temperature: 0.5, top_p: 0.9, top_logprobs: 2, max_output_tokens: 50, max_tool_calls: 3 },
      tools: [weather, shell],
      tool_choice: {
        ...{ type: 'allowed_tools' as const, mode: 'required' as const },
        tools: [{ type: 'function', name: 'weather' }],
      },
      parallel_tool_calls: false,
      text: {
        verbosity: 'low' as const,
        format: { type: 'json_schema' as const, name: 'city', schema: { type: 'object' }, strict: true },
      },
      reasoning: { effort: 'low' as const, summary: 'auto' as const },
      truncation: 'disabled' as const,
      user: 'someone',
      prompt_cache_key: 'docs',
    };
    expect(await openai.responses.create({ input, ...settings })).toMatchObject(settings);
    expect(tasks[0]?.setting).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'weather', strict: true, parameters: { type: 'object' } } },
        {
          type: 'custom',
          custom: {
            ...{ name: 'sql', description: 'Asks.' },
            format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'SELECT .*' } },
          },
        },
      ],
      toolChoice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'weather' } }] },
      },
      responseFormat: {
        type: 'json_schema',
        json_schema: { name: 'city', schema: { type: 'object' }, strict: true },
      },
      reasoningEffort: 'low',
      extraBody: { verbosity: 'low', user: 'someone', prompt_cache_key: 'docs' },
    });
    expect(await openai.responses.create({ input })).toMatchObject({
      ...{ tools: [], tool_choice: 'auto', parallel_tool_calls: true, truncation: 'disabled', store: true },
      ...{
        text: { format: { type: 'text' } },
        reasoning: { effort: null, summary: null },
        instructions: null,
      },
      ...{ max_output_tokens: null, previous_response_id: null, temperature: 1, top_p: 1, background: false },
    });
  });

  test('has calls, refusals, reasoning and log probabilities as items and parts', async () => {
    const { openai } = makeResponsesApp(() => [
      { reasoning: { id: 'rs_1', at: 0 } },
      {
        reasoning: {
          ...{ id: 'rs_1', at: 0 },
          ended: { id: 'rs_1', at: 0, summary: ['First.', 'Then.'], encrypted_content: 'gAAA' },
        },
      },
      { text: 'I look.', logprobs: [makeTokenLogprob('I look.')] },
      { begins: { call: 0, id: 'call_1', type: 'function', name: 'weather' } },
      { args: '{"city":"Bern"}', call: 0 },
      { begins: { call: 1, id: 'call_2', type: 'custom', name: 'sql' } },
      { args: 'SELECT 1', call: 1 },
    ]);
    const answer = await openai.responses.create({
      input,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
    });
    expect(answer.output).toMatchObject([
      {
        ...{ type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAA' },
        summary: [
          { type: 'summary_text', text: 'First.' },
          { type: 'summary_text', text: 'Then.' },
        ],
      },
      { type: 'message', content: [{ text: 'I look.', logprobs: [makeTokenLogprob('I look.')] }] },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' },
      { type: 'custom_tool_call', call_id: 'call_2', name: 'sql', input: 'SELECT 1' },
    ]);
    const without = await openai.responses.create({ input });
    expect(without.output[0]).not.toHaveProperty('encrypted_content');
  });

  test('shows the reasoning and the refusal of a server of chat completions', async () => {
    const { openai } = makeResponsesApp(() => [
      { text: 'Is it ', kind: 'reasoning' },
      { text: 'right?', kind: 'reasoning' },
      { text: 'I will not.', kind: 'refusal' },
    ]);
    const { output } = await openai.responses.create({ input });
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Is it right?' }] },
      { type: 'message', content: [{ type: 'refusal', refusal: 'I will not.' }] },
    ]);
  });

  test.each([
    ['length', { reason: 'max_output_tokens' }],
    ['content_filter', { reason: 'content_filter' }],
  ])('that ended for %s is incomplete', async (finish_reason, incomplete_details) => {
    const { openai } = makeResponsesApp(() => ({ steps: [{ text: 'Lay' }], changes: { finish_reason } }));
    expect(await openai.responses.create({ input })).toMatchObject({
      ...{ status: 'incomplete', incomplete_details, completed_at: null },
      output: [{ status: 'incomplete' }],
    });
  });

  test('that its model server refuses names the client’s field for that of the server', async () => {
    const error = { code: 'invalid_request', message: 'no', param: 'tools[0].function.parameters' };
    const { openai } = makeResponsesApp(() => ({
      steps: [],
      changes: { status: 'failed', text: null, error },
    }));
    for (const stream of [false, true])
      await expect(openai.responses.create({ input, stream })).rejects.toMatchObject({
        ...{ status: 400, param: 'tools.0.parameters' },
      });
  });

  test('that fails has the status of its failure, and reads as failed later', async () => {
    const { openai } = makeResponsesApp(() => ({
      steps: [],
      changes: { status: 'failed', text: null, error: { code: 'rate_limited', message: 'too fast' } },
    }));
    const refused = await openai.responses.create({ input }).catch((error) => error);
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    expect(await openai.responses.retrieve(`resp_${refused.requestID}`)).toMatchObject({
      ...{ status: 'failed', output: [], error: { code: 'rate_limit_exceeded', message: 'too fast' } },
    });
  });
});
