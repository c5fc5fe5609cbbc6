import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors.ts';
import { parseChatRequest } from '../../../../lib/http/openai/chat-request.ts';
import { parseRunRequest } from '../../../../lib/runs/request.ts';
import { makeRouteOf, makeServer, type ServerKind } from '../../../../lib/sampling/server.ts';

const messages = [{ role: 'user', content: 'Explain neural nets.' }];
/** The issues of a request to a server of a kind, by the paths of its own body. */
const issuesOf = (body: unknown, kind: ServerKind = 'openai') => {
  let pathOf = (path: string) => path;
  try {
    const parsed = parseChatRequest(body);
    pathOf = parsed.pathOf;
    parseRunRequest(parsed.run, { model: 'm', routeOf: makeRouteOf(makeServer('', { kind }), new Map()) });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.issues.map(({ path, message }) => ({ path: pathOf(path), message }));
  }
};
const pathsOf = (body: unknown) => issuesOf(body).map(({ path }) => path);

describe('a chat completion request as a run', () => {
  test('keeps the fields that both have, and the limit under its newer name', () => {
    const shared = {
      ...{ messages, model: 'gpt-6-luna', temperature: 0.5, top_p: 0.9, seed: 7, stop: ['END'] },
      ...{ frequency_penalty: 0.1, presence_penalty: -0.1, logprobs: true, top_logprobs: 3 },
      reasoning_effort: 'none',
      ...{ response_format: { type: 'json_object' }, metadata: { team: 'docs' } },
    };
    const { run, stream, includeUsage } = parseChatRequest({ ...shared, max_completion_tokens: 90, n: 1 });
    expect(run).toEqual({ ...shared, max_tokens: 90 });
    expect([stream, includeUsage]).toEqual([false, false]);
  });

  test('is streamed with its usage when asked for', () => {
    const asked = { messages, stream: true, stream_options: { include_usage: true } };
    const { run, stream, includeUsage } = parseChatRequest(asked);
    expect([run.stream, stream, includeUsage]).toEqual([true, true, true]);
  });

  test('has a generation for each choice', () => {
    const { run, count } = parseChatRequest({ messages, n: 64 });
    expect([run.samples, count]).toEqual([64, 64]);
    expect(parseRunRequest(run, { model: 'm' }).samples).toBe(64);
    expect(parseChatRequest({ messages }).count).toBe(1);
  });

  test('sends fields that a run has no name for to the model server', () => {
    const { run } = parseChatRequest({
      ...{ messages, user: 'u-1', logit_bias: { 5: -100 } },
      extra_body: { min_p: 0.1 },
    });
    expect(run.extra_body).toEqual({ min_p: 0.1, user: 'u-1', logit_bias: { 5: -100 } });
    expect(run).not.toHaveProperty('user');
  });

  test("accepts everytoken's own fields", () => {
    const own = { top_k: 40, index: false, strict_sampling: true };
    const checks = [{ type: 'contains', value: 'HNSW' }];
    const { run } = parseChatRequest({ messages, ...own, checks, label: 'chat' });
    expect(run).toMatchObject({ ...own, settings: [{ label: 'chat' }] });
    const request = parseRunRequest({ ...run, strict_sampling: false }, { model: 'gpt-6-luna' });
    expect(request.settings).toMatchObject([{ label: 'chat', topK: 40 }]);
    expect(request.checks).toHaveLength(1);
  });

  test('joins text parts, and accepts an assistant message as the API returned it', () => {
    const content = ['Explain ', 'neural nets.'].map((text) => ({ type: 'text', text }));
    const answered = {
      role: 'assistant',
      content: 'Layers.',
      refusal: null,
      annotations: [],
      tool_calls: [],
    };
    const { run } = parseChatRequest({ messages: [{ role: 'user', content }, answered, ...messages] });
    expect(run.messages).toEqual([...messages, { role: 'assistant', content: 'Layers.' }, ...messages]);
  });

  test('sends all of OpenAI’s options to the model server unchanged, and no tier', () => {
    const sent = {
      ...{ verbosity: 'low', safety_identifier: 's-1', prompt_cache_key: 'k', prompt_cache_retention: '24h' },
      prompt_cache_options: { mode: 'explicit', ttl: '30m' },
      prediction: { type: 'content', content: 'Neural nets have layers.' },
      moderation: { model: 'omni-moderation-latest', policy: { input: { mode: 'block' } } },
    };
    const request = parseChatRequest({ messages, ...sent, service_tier: 'priority' });
    expect(request.run).toEqual({ messages, extra_body: sent, max_tokens: 4_096 });
    expect(request.tellTier).toBe(true);
    expect(parseRunRequest(request.run, { model: 'm' }).settings[0]?.extraBody).toEqual(sent);
    expect(parseChatRequest({ messages }).tellTier).toBe(false);
  });

  test('carries tools as they are, and functions as the tools that they are', () => {
    const look = { name: 'look_up', parameters: { type: 'object' }, strict: true };
    const tools = [
      { type: 'function', function: look },
      { type: 'custom', custom: { name: 'sh' } },
    ];
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools } };
    for (const tool_choice of ['none', 'auto', 'required', allowed]) {
      const asked = { messages, tools, tool_choice, parallel_tool_calls: false };
      const { run, asFunctions } = parseChatRequest(asked);
      expect([run, asFunctions]).toEqual([{ ...asked, max_tokens: 4_096 }, false]);
    }
    const legacy = parseChatRequest({ messages, functions: [look], function_call: 'auto' });
    expect(legacy.asFunctions).toBe(true);
    expect(legacy.run).toEqual({
      max_tokens: 4_096,
      ...{ messages, tools: tools.slice(0, 1), tool_choice: 'auto', parallel_tool_calls: false },
    });
    expect(['tools.0.function.name', 'tools', 'tool_choice.function.name'].map(legacy.pathOf)).toEqual([
      'functions.0.name',
      'functions',
      'function_call.name',
    ]);
  });

  test('may have empty messages of every role, a top_p of 0, and OpenAI’s usual tiers', () => {
    const roles = ['system', 'developer', 'user', 'assistant'];
    const said = roles.map((role) => ({ role, content: '' }));
    const { run } = parseChatRequest({ messages: said, top_p: 0, service_tier: 'auto' });
    expect(run).toEqual({ messages: said, top_p: 0, max_tokens: 4_096 });
    expect(parseRunRequest(run, { model: 'm' }).settings[0]?.topP).toBe(0);
  });

  test('says whether texts are stored', () => {
    expect(parseChatRequest({ messages, store: false }).run).toMatchObject({ store: false });
  });

  test('treats null as absent, for every field of OpenAI’s', () => {
    const nothing = Object.fromEntries(
      ['temperature', 'tools', 'audio', 'n', 'store', 'service_tier', 'stream_options'].map((name) => [
        name,
        null,
      ]),
    );
    expect(parseChatRequest({ messages, ...nothing }).run).toEqual({ messages, max_tokens: 4_096 });
  });

  test('is a valid run with the same text and limit whenever it is accepted', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 }).filter((each) => each.trim() !== '');
    const role = fc.constantFrom('system', 'developer', 'user', 'assistant');
    const parts = fc.array(text, { minLength: 1, maxLength: 3 });
    const message = fc.record({ role, parts, isList: fc.boolean() });
    const limit = fc.option(fc.integer({ min: 1, max: 131_072 }));
    const limitName = fc.constantFrom('max_tokens', 'max_completion_tokens');
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), limit, limitName, (said, most, name) => {
        const asked = said.map(({ role: who, parts: texts, isList }) => ({
          role: who,
          content: isList ? texts.map((each) => ({ type: 'text', text: each })) : texts.join(''),
        }));
        const { run } = parseChatRequest({ messages: asked, [name]: most });
        const request = parseRunRequest(run, { model: 'm' });
        expect(request.messages.map(({ content }) => content)).toEqual(
          said.map(({ parts: texts }) => texts.join('')),
        );
        expect([request.settings.length, request.samples]).toEqual([1, 1]);
        expect(request.settings[0]?.maxTokens).toBe(most ?? 4_096);
      }),
      { numRuns: 60 },
    );
  });
});

const NO_ID = { type: 'function', function: { name: 'f', arguments: '' } };

describe('a field that a chat completion does not support', () => {
  test.each([
    ...['audio', 'prompt', 'settings', 'samples', 'background', 'web_search_options'],
    ...['tempratur', '__proto__x', 'toString', 'constructor'],
  ])('is refused by name: %s', (name) => {
    expect(issuesOf({ messages, [name]: 'auto' })).toEqual([{ path: name, message: expect.any(String) }]);
  });

  test('is refused even when it is null, if its name is unknown', () => {
    expect(pathsOf({ messages, tempratur: null })).toEqual(['tempratur']);
  });

  test.each<[string, object]>([
    ['n', { n: 65 }],
    ['n', { n: 0 }],
    ['store', { store: 'no' }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['stream_options.other', { stream_options: { other: 1 } }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 5 }],
    ['max_completion_tokens', { max_completion_tokens: 0 }],
    ['top_logprobs', { top_logprobs: 2 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['extra_body.audio', { extra_body: { audio: {} } }],
    ['tools', { tools: [] }],
    ['tools.0.type', { tools: [{ type: 'web_search' }] }],
    ['tool_choice', { tool_choice: 'any' }],
    ['functions', { functions: [{ name: 'f' }], tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['function_call', { function_call: 'auto', tool_choice: 'auto' }],
    ['messages', { messages: [] }],
    ['messages', { messages: null }],
    ['messages', { messages: 'Explain.' }],
    ['messages.0.content.0', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['messages.0.content', { messages: [{ role: 'user' }] }],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages.0.tool_calls.0.id', { messages: [{ role: 'assistant', tool_calls: [NO_ID] }] }],
    ['messages.0.tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages.0.refusal', { messages: [{ role: 'user', content: 'x', refusal: 'y' }] }],
    ['service_tier', { service_tier: 'gold' }],
    ['prediction.type', { prediction: { type: 'text' } }],
    ['moderation.model', { moderation: {} }],
  ])('is refused by its path: %s', (path, fields) => {
    expect(pathsOf({ messages, ...fields })).toEqual([path]);
  });

  test('is reported together with all others, each with an alternative', () => {
    const issues = issuesOf({ messages, audio: {}, n: 65, best_of: 2 });
    expect(issues.map(({ path }) => path)).toEqual(['audio', 'best_of', 'n']);
    expect(issues.map(({ message }) => message)).toEqual([
      expect.stringContaining('calls of tools'),
      expect.stringContaining('cannot be sent'),
      expect.stringContaining('from 1 to 64'),
    ]);
  });

  test.each([null, [], 'x', 1])('cannot be named in a body that is no object: %j', (body) => {
    expect(issuesOf(body)).toEqual([{ path: '', message: 'the body must be a JSON object' }]);
  });

  test('may be sent in extra_body, whatever its name', () => {
    const { run } = parseChatRequest({ messages, extra_body: { constructor: 1, min_p: 0.1 } });
    expect(run.extra_body).toEqual({ constructor: 1, min_p: 0.1 });
  });

  test('is a field of the model server if that is known to take it, beside the others or in extra_body', () => {
    const fields = { min_p: 0.1, chat_template_kwargs: { enable_thinking: false } };
    const { run } = parseChatRequest({
      messages,
      ...fields,
      top_a: null,
      extra_body: { repetition_penalty: 1.1 },
    });
    expect(run.extra_body).toEqual({ ...fields, repetition_penalty: 1.1 });
    expect(issuesOf({ messages, ...fields }, 'vllm')).toEqual([]);
    expect(issuesOf({ messages, ...fields }, 'other')).toEqual([]);
    expect(pathsOf({ messages, ...fields })).toEqual(Object.keys(fields));
    expect(pathsOf({ messages, ...fields, extra_body: 'x' })).toEqual(['extra_body']);
  });

  test('is reported by the name that the client used', () => {
    const { pathOf } = parseChatRequest({
      messages,
      ...{ user: 'u-1', n: 2, label: 'chat' },
      max_completion_tokens: 5,
    });
    expect(
      ['max_tokens', 'samples', 'settings.0.label', 'extra_body.user', 'extra_body.min_p', 'model'].map(
        pathOf,
      ),
    ).toEqual(['max_completion_tokens', 'n', 'label', 'user', 'extra_body.min_p', 'model']);
  });
});
