import { describe, expect, test } from 'vitest';
import { bodyOfSetting, promptTokensBound } from '../../../lib/sampling/chat-body.ts';
import { refusedField } from '../../../lib/sampling/refusals.ts';
import { responsesSentFields } from '../../../lib/sampling/responses-fields.ts';
import type { SentMessage } from '../../../lib/sampling/sent-messages.ts';
import { makeServer, type ServerKind } from '../../../lib/sampling/server.ts';
import type { Setting } from '../../../lib/sampling/setting.ts';
import { upstreamBody } from '../../../lib/sampling/upstream-body.ts';

const openai = makeServer('https://api.openai.com/v1', { api: 'responses' });
const gpu = (kind: ServerKind = 'vllm') =>
  makeServer('https://gpu.example.org/v1', { kind, api: 'responses' });
const hello: SentMessage[] = [{ role: 'user', content: 'Hello' }];
const setting = (own: Partial<Setting> = {}): Setting => ({
  label: 'a',
  model: 'gpt-6-luna',
  maxTokens: 10,
  ...own,
});
const bodyOf = (own: Partial<Setting> = {}, messages = hello, server = openai): Record<string, unknown> =>
  bodyOfSetting(setting(own), messages, server);
const of = (own: Partial<Setting>, server = openai) => upstreamBody(setting(own), server);

describe('a request to the Responses API', () => {
  test('asks for a stream that the server does not store, with the reasoning in a form that can be sent back', () => {
    expect(bodyOf()).toEqual({
      model: 'gpt-6-luna',
      input: [{ role: 'user', content: 'Hello' }],
      max_output_tokens: 10,
      include: ['reasoning.encrypted_content'],
      store: false,
      stream: true,
      stream_options: { include_obfuscation: false },
    });
  });

  test('has no stream options on other servers', () => {
    expect(bodyOf({ model: 'm' }, hello, gpu())).not.toHaveProperty('stream_options');
  });

  test('asks for no reasoning from models without, and where there is none', () => {
    expect(bodyOf({ model: 'gpt-4o' })).not.toHaveProperty('include');
    expect(bodyOf({ reasoningEffort: 'none' })).not.toHaveProperty('include');
  });

  test('has effort, summary, verbosity, structure and log probabilities where this API has them', () => {
    const fields = {
      reasoningEffort: 'low',
      reasoningSummary: 'auto',
      extraBody: { verbosity: 'low' },
      responseFormat: {
        type: 'json_schema',
        json_schema: { name: 'p', schema: { type: 'object' }, strict: true },
      },
      logprobs: true,
      topLogprobs: 3,
    };
    expect(bodyOf(fields)).toMatchObject({
      reasoning: { effort: 'low', summary: 'auto' },
      text: {
        format: { type: 'json_schema', name: 'p', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      top_logprobs: 3,
    });
    expect(Object.keys(bodyOf(fields))).not.toContain('logprobs');
  });

  test('has tools and the choice of one flat, and functions no stricter than chat completions have them', () => {
    const grammar = { syntax: 'lark', definition: 'start: "a"' };
    const tools = [
      { type: 'function', function: { name: 'f', description: 'F', parameters: { type: 'object' } } },
      { type: 'function', function: { name: 'g', strict: true } },
      { type: 'custom', custom: { name: 'c', format: { type: 'grammar', grammar } } },
    ];
    expect(bodyOf({ tools, toolChoice: { type: 'function', function: { name: 'f' } } })).toMatchObject({
      tools: [
        { type: 'function', name: 'f', description: 'F', parameters: { type: 'object' }, strict: false },
        { type: 'function', name: 'g', parameters: null, strict: true },
        { type: 'custom', name: 'c', format: { type: 'grammar', ...grammar } },
      ],
      tool_choice: { type: 'function', name: 'f' },
    });
    const allowed = { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] };
    expect(
      bodyOf({ tools, toolChoice: { type: 'allowed_tools', allowed_tools: allowed } }).tool_choice,
    ).toEqual({
      type: 'allowed_tools',
      mode: 'auto',
      tools: [{ type: 'function', name: 'f' }],
    });
    expect(bodyOf({ tools, toolChoice: 'required' }).tool_choice).toBe('required');
  });

  test('takes tools at any effort', () => {
    const { sampling } = of({ tools: [{ type: 'function', function: { name: 'f' } }] });
    expect([sampling.sent.reasoning, sampling.warnings]).toEqual([undefined, []]);
    expect(sampling.sent.tools).toEqual([{ name: 'f', sha256: expect.any(String) }]);
  });

  test('leaves out the fields that this API lacks, each with a warning, unless the operator knows better', () => {
    const fields = { stop: ['x'], seed: 1, frequencyPenalty: 1, presencePenalty: 1, topK: 4 };
    const { body, sampling, notApplied } = of({ ...fields, extraBody: { logit_bias: {} } });
    expect(Object.keys(body)).toEqual(['max_output_tokens', 'include']);
    const names = ['top_k', 'frequency_penalty', 'presence_penalty', 'seed', 'stop', 'logit_bias'];
    expect(notApplied.map(({ field }) => field)).toEqual(names);
    expect(sampling.effective).toEqual({
      max_tokens: 10,
      ...Object.fromEntries(names.map((name) => [name, null])),
    });
    expect(sampling.warnings).toContain(
      'seed is not applied: gpt-6-luna is asked by the Responses API, which has no such field',
    );
    const rows = [{ pattern: 'm', overrides: { extra: { seed: 'applied' as const } } }];
    const own = makeServer('https://gpu.example.org/v1', { kind: 'vllm', api: 'responses', rows });
    expect(of({ model: 'm', seed: 1, topK: 4 }, own).body).toMatchObject({ seed: 1, top_k: 4 });
  });

  test('has those of these fields that the local model takes here, too', () => {
    const fields = { seed: 1, presencePenalty: 1, stop: ['x'] };
    expect(of({ model: 'm', ...fields }, gpu('everytoken')).body).toEqual({
      max_output_tokens: 10,
      seed: 1,
      presence_penalty: 1,
    });
  });

  test('is the only one that gives a summary of the reasoning', () => {
    const chat = makeServer('https://api.openai.com/v1', { api: 'chat_completions' });
    const { body, notApplied } = of({ reasoningSummary: 'auto' }, chat);
    expect(body).toEqual({ max_completion_tokens: 10 });
    expect(notApplied).toEqual([
      {
        field: 'reasoning_summary',
        reason: 'reasoning_summary is not applied: gpt-6-luna is asked by an API without it',
      },
    ]);
  });

  test('leaves out what its server has refused for this API alone', () => {
    const server = makeServer('https://api.openai.com/v1', { api: 'as_needed' });
    server.refused.set('gpt-6-luna responses', new Set(['reasoning.encrypted_content', 'temperature']));
    const { body, sampling } = of(
      { reasoningSummary: 'auto', reasoningEffort: 'none', temperature: 1 },
      server,
    );
    expect(body).toEqual({ max_output_tokens: 10, reasoning: { effort: 'none', summary: 'auto' } });
    expect(sampling.effective.temperature).toBeNull();
    expect(of({ reasoningSummary: 'auto' }, server).sampling.warnings).toEqual([
      'no next turn can go on from the reasoning: this server does not give it encrypted for gpt-6-luna',
    ]);
    expect(of({ reasoningEffort: 'none', temperature: 1 }, server).body).toHaveProperty('temperature');
  });
});

const call = (id: string, name = 'f') => ({
  id,
  type: 'function' as const,
  function: { name, arguments: '{}' },
});
const answered = (id: string): SentMessage => ({ role: 'tool', content: `of ${id}`, tool_call_id: id });
const reasoned = (id: string, encrypted?: string) => ({
  id,
  summary: ['I think.'],
  ...(encrypted && { encrypted_content: encrypted }),
});

describe('the messages of a conversation', () => {
  const turns: SentMessage[] = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Look.', name: 'ada' },
    { role: 'assistant', content: 'I look.', reasoning: [reasoned('r1', 'x1')], tool_calls: [call('a')] },
    {
      role: 'assistant',
      content: '',
      reasoning: [reasoned('r2', 'x2'), reasoned('r3')],
      tool_calls: [call('b')],
    },
    answered('a'),
    answered('b'),
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'note', input: 'Hi' } }],
    },
    answered('c'),
    { role: 'assistant', content: '' },
  ];

  test('are input items: reasoning, text and calls in order, and answers by the kind of their call', () => {
    const reasoning = (id: string, encrypted_content: string) => ({
      type: 'reasoning',
      id,
      summary: [{ type: 'summary_text', text: 'I think.' }],
      encrypted_content,
    });
    expect(bodyOf({}, turns).input).toEqual([
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Look.' },
      reasoning('r1', 'x1'),
      { role: 'assistant', content: 'I look.' },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
      reasoning('r2', 'x2'),
      { type: 'function_call', call_id: 'b', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'of a' },
      { type: 'function_call_output', call_id: 'b', output: 'of b' },
      { type: 'custom_tool_call', call_id: 'c', name: 'note', input: 'Hi' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'of c' },
      { role: 'assistant', content: '' },
    ]);
  });

  test('are without reasoning for chat completions, where calls that only it separates become one turn', () => {
    const chat = makeServer('https://api.openai.com/v1', { api: 'chat_completions' });
    const { messages } = bodyOf({}, turns, chat);
    expect(messages).toEqual([
      ...turns.slice(0, 2),
      { role: 'assistant', content: 'I look.', tool_calls: [call('a'), call('b')] },
      ...turns.slice(4, 6),
      { ...turns[6], content: null },
      ...turns.slice(7),
    ]);
  });

  test('of the assistant stay apart for chat completions where no reasoning separates them', () => {
    const apart = [{ role: 'assistant', content: 'One.' }, { role: 'assistant', content: 'Two.' }, ...hello];
    expect(bodyOf({ model: 'gpt-4o' }, apart, makeServer('')).messages).toEqual(apart);
  });

  test('have the bytes of the whole body as the bound of their tokens, and what a template adds to each item', () => {
    const bytes = (body: unknown) => Buffer.byteLength(JSON.stringify(body));
    const local = gpu('everytoken');
    const body = bodyOf({ model: 'm' }, turns, local);
    expect(promptTokensBound(body, local, 'm')).toBe(bytes(body));
    const boundOf = (messages: SentMessage[]) =>
      promptTokensBound(bodyOf({}, messages), openai, 'gpt-6-luna');
    expect(boundOf([...hello, answered('a')]) - boundOf(hello)).toBe(
      bytes({ type: 'function_call_output', call_id: 'a', output: 'of a' }) + 1 + 8,
    );
  });
});

describe('a refusal by the Responses API', () => {
  const sent = responsesSentFields(
    of({
      reasoningEffort: 'low',
      reasoningSummary: 'auto',
      extraBody: { verbosity: 'low' },
      responseFormat: { type: 'json_object' },
      logprobs: true,
      temperature: 1,
      parallelToolCalls: true,
    }).body,
  );
  const unsupported = (path: string) => `Unsupported parameter: '${path}' is not supported with this model.`;

  test.each([
    ['reasoning.effort', 'reasoning_effort'],
    ['reasoning.summary', 'reasoning_summary'],
    ['text.verbosity', 'verbosity'],
    ['text.format', 'response_format'],
    ['parallel_tool_calls', 'parallel_tool_calls'],
    ['reasoning', 'reasoning_effort'],
    ['include', 'reasoning.encrypted_content'],
    ['max_output_tokens', undefined],
  ])('of %s is of the field %s of a request', (path, field) => {
    const message = unsupported(path);
    expect(refusedField({ message, param: path }, sent)).toBe(field);
    expect(refusedField({ message }, sent)).toBe(field);
    expect(refusedField({ message: 'no', param: `body.${path}`, code: 'extra_forbidden' }, sent)).toBe(field);
  });

  test('of an entry of include is of what it asks for', () => {
    expect(
      refusedField({ message: 'logprobs are not supported with reasoning models.', param: 'include' }, sent),
    ).toBe('logprobs');
    const message = 'Encrypted content is not supported with this model.';
    expect(refusedField({ message, param: 'include' }, sent)).toBe('reasoning.encrypted_content');
  });
});
