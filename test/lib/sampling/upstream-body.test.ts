import { describe, expect, test } from 'vitest';
import { refusalKeyOf, rememberRefusal } from '../../../lib/sampling/refusals.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import type { Setting } from '../../../lib/sampling/setting.ts';
import { upstreamBody } from '../../../lib/sampling/upstream-body.ts';

const OPENAI = 'https://api.openai.com/v1';
const LOCAL = 'http://127.0.0.1:4010/v1';

const read = (setting: Partial<Setting>, baseUrl = OPENAI) =>
  upstreamBody({ label: 'default', model: 'gpt-6-luna', maxTokens: 100, ...setting }, makeServer(baseUrl));

test('twenty warnings are told of a request with thousands of fields, and how many more there are', () => {
  const extraBody = Object.fromEntries(
    Array.from({ length: 4_000 }, (_, at) => [`field_${at}_${'x'.repeat(at === 0 ? 900 : 0)}`, at]),
  );
  const { warnings, effective } = read({ model: 'some-model', extraBody }, LOCAL).sampling;
  expect(warnings).toHaveLength(21);
  expect(warnings.at(-1)).toBe('and 3980 more');
  expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThanOrEqual(501);
  expect(Object.keys(effective)).toHaveLength(4_001);
});

describe('a completion of a prompt', () => {
  const endpoint = 'completions' as const;

  test('has the number of alternatives as its logprobs, and one name for the token limit', () => {
    const setting = { endpoint, model: 'gpt-3.5-turbo-instruct', logprobs: true };
    expect(read(setting).body).toEqual({ max_tokens: 100, logprobs: 0 });
    const { body, sampling } = read({ ...setting, topLogprobs: 5 });
    expect(body).toEqual({ max_tokens: 100, logprobs: 5 });
    expect(sampling.sent).toEqual(body);
    expect(sampling.requested).toEqual({ max_tokens: 100, logprobs: true, top_logprobs: 5 });
  });

  test('is sent a field that the server refused for a conversation alone', () => {
    const server = makeServer(LOCAL);
    rememberRefusal(server, refusalKeyOf({ model: 'm' }), 'seed');
    const setting = { label: 'a', model: 'm', maxTokens: 9, seed: 7 };
    expect(upstreamBody(setting, server).body).toEqual({ max_tokens: 9 });
    expect(upstreamBody({ ...setting, endpoint }, server).body).toEqual({ max_tokens: 9, seed: 7 });
    rememberRefusal(server, refusalKeyOf({ model: 'm', endpoint }), 'seed');
    expect(upstreamBody({ ...setting, endpoint }, server).body).toEqual({ max_tokens: 9 });
  });
});

describe('tools', () => {
  const tools = [
    { type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } },
    { type: 'custom', custom: { name: 'sql' } },
  ];

  test('are sent whole and reported by their names and hashes', () => {
    const { body, sampling } = read({ tools, toolChoice: 'auto', parallelToolCalls: false });
    const sent = { tool_choice: 'auto', parallel_tool_calls: false };
    expect(body).toMatchObject({ tools, ...sent });
    for (const report of [sampling.requested, sampling.sent, sampling.effective])
      expect(report).toMatchObject({
        tools: ['look_up', 'sql'].map((name) => ({ name, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })),
        ...sent,
      });
  });

  test('of the same names that say different things are reported as different', () => {
    const described = (description: string) =>
      read({ tools: [{ type: 'function', function: { name: 'look_up', description } }] }).sampling.sent.tools;
    expect(described('Finds a text.')).toEqual(described('Finds a text.'));
    expect(described('Finds a text.')).not.toEqual(described('Finds a number.'));
  });

  test('send effort "none" to a model that takes them only with it, and say so', () => {
    const warning = 'reasoning_effort "none" was sent: gpt-6-luna takes tools only with it';
    const { body, sampling } = read({ tools });
    expect(body).toMatchObject({ tools, reasoning_effort: 'none' });
    expect(sampling.warnings).toEqual([warning]);
    expect(read({ tools, temperature: 0.5 }).sampling.warnings).toEqual([
      'reasoning_effort "none" was sent: gpt-6-luna takes temperature and top_p, and tools only with it',
    ]);
  });

  test('are kept where the server refuses a field that says how they are called', () => {
    const server = makeServer(LOCAL);
    rememberRefusal(server, 'm', 'parallel_tool_calls');
    const setting = { label: 'a', model: 'm', maxTokens: 9, tools, parallelToolCalls: true };
    expect(upstreamBody(setting, server).body).toEqual({ max_tokens: 9, tools });
  });
});

describe('the body sent to a model server', () => {
  test('has every field of the setting under its API name', () => {
    const { body } = read(
      {
        model: 'some-model',
        reasoningEffort: 'low',
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        seed: 7,
        stop: ['\n'],
        logprobs: true,
        extraBody: { min_p: 0.05 },
      },
      LOCAL,
    );
    expect(body).toEqual({
      max_tokens: 100,
      reasoning_effort: 'low',
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      seed: 7,
      stop: ['\n'],
      logprobs: true,
      min_p: 0.05,
    });
  });

  test.each([
    [OPENAI, { max_completion_tokens: 100 }],
    ['https://eu.api.openai.com/v1', { max_completion_tokens: 100 }],
    [LOCAL, { max_tokens: 100 }],
    ['https://api.openai.com.example.net/v1', { max_tokens: 100 }],
  ])('to %s holds only the token limit for an empty setting', (baseUrl, expected) => {
    expect(read({}, baseUrl).body).toEqual(expected);
  });
});

describe('top_logprobs', () => {
  test('is sent with logprobs, and is applied where these are', () => {
    const { body, sampling } = read({ model: 'gpt-4.1-mini', logprobs: true, topLogprobs: 5 });
    expect(body).toMatchObject({ logprobs: true, top_logprobs: 5 });
    expect(sampling).toMatchObject({ effective: { logprobs: true, top_logprobs: 5 }, warnings: [] });
  });

  test('is left out with a warning where the server does not take logprobs', () => {
    const { body, sampling } = read(
      { model: 'llama', logprobs: true, topLogprobs: 5 },
      'https://api.groq.com/openai/v1',
    );
    expect(body).toEqual({ max_tokens: 100 });
    expect(sampling).toMatchObject({
      requested: { logprobs: true, top_logprobs: 5 },
      effective: { logprobs: null, top_logprobs: null },
      warnings: ['llama does not take logprobs', 'llama does not take top_logprobs'],
    });
  });

  test('is left out with logprobs that the server has refused, and alone when it refused it alone', () => {
    const setting = { label: 'a', model: 'm', maxTokens: 9, logprobs: true, topLogprobs: 5 };
    const server = makeServer(LOCAL);
    rememberRefusal(server, 'm', 'top_logprobs');
    expect(upstreamBody(setting, server).body).toEqual({ max_tokens: 9, logprobs: true });
    rememberRefusal(server, 'm', 'logprobs');
    const { body, notApplied } = upstreamBody(setting, server);
    expect(body).toEqual({ max_tokens: 9 });
    expect(notApplied.map(({ field }) => field).toSorted()).toEqual(['logprobs', 'top_logprobs']);
  });
});

describe('top_k', () => {
  test('is never sent to OpenAI, with a warning', () => {
    for (const setting of [{ topK: 40 }, { extraBody: { top_k: 40 } }]) {
      const { body, sampling } = read({ topP: 1, ...setting });
      expect(body).not.toHaveProperty('top_k');
      expect(sampling.requested.top_k).toBe(40);
      expect(sampling.sent).not.toHaveProperty('top_k');
      expect(sampling.effective.top_k).toBeNull();
      expect(sampling.warnings).toContain('top_k is not applied by api.openai.com');
    }
  });

  test('is applied by the local model', () => {
    const { sampling } = read({ model: 'everytoken-ngram', topK: 40, temperature: 0.5 }, LOCAL);
    expect(sampling.sent.top_k).toBe(40);
    expect(sampling.effective).toEqual({ max_tokens: 100, top_k: 40, temperature: 0.5 });
    expect(sampling.warnings).toEqual([]);
  });

  test('is sent to other servers, but reported as not known to be applied', () => {
    const { body, sampling } = read({ model: 'llama3', topK: 40, temperature: 0.5 }, LOCAL);
    expect(body.top_k).toBe(40);
    expect(sampling.effective).toEqual({ max_tokens: 100, top_k: null, temperature: 0.5 });
    expect(sampling.warnings).toEqual(['this server is not known to apply top_k; it may drop it silently']);
  });

  test('causes no warning if it was not requested', () => {
    expect(read({ model: 'llama3', temperature: 0.5 }, LOCAL).sampling.warnings).toEqual([]);
  });
});

describe('sampling on OpenAI', () => {
  test.each(['gpt-6-luna', 'gpt-6-sol', 'gpt-6-luna-2026-09-01', 'gpt-6.1-terra', 'gpt-5.1', 'gpt-5.6-luna'])(
    'with %s sends effort none, with a warning, if no effort was requested',
    (model) => {
      const { body, sampling } = read({ model, temperature: 0.5 });
      expect(body).toEqual({ max_completion_tokens: 100, temperature: 0.5, reasoning_effort: 'none' });
      expect(sampling.requested).not.toHaveProperty('reasoning_effort');
      expect(sampling.effective).toMatchObject({ temperature: 0.5, reasoning_effort: 'none' });
      expect(sampling.warnings).toEqual([expect.stringContaining('reasoning_effort "none"')]);
    },
  );

  test('adds no effort without temperature or top_p', () => {
    const { body, sampling } = read({ seed: 1 });
    expect(body).toEqual({ max_completion_tokens: 100, seed: 1 });
    expect(sampling.warnings).toEqual([]);
  });

  test('causes no warning at effort none', () => {
    expect(read({ temperature: 0.5, reasoningEffort: 'none' }).sampling.warnings).toEqual([]);
  });

  test('is left out at another effort', () => {
    const { body, sampling } = read({ temperature: 0.5, topP: 0.9, reasoningEffort: 'high' });
    expect(body).toEqual({ max_completion_tokens: 100, reasoning_effort: 'high' });
    expect(sampling.effective).toMatchObject({ temperature: null, top_p: null, reasoning_effort: 'high' });
    expect(sampling.warnings).toHaveLength(2);
  });

  test.each(['o3', 'o4-mini', 'o1-2024-12-17', 'gpt-5-2025-08-07', 'gpt-6-astra', 'gpt-6.1-sol'])(
    'with %s is left out, with a warning',
    (model) => {
      const { body, sampling } = read({ model, temperature: 0.5, topP: 0.9 });
      expect(body).toEqual({ max_completion_tokens: 100 });
      expect(sampling.effective).toMatchObject({ temperature: null, top_p: null });
      expect(sampling.warnings).toEqual([
        `${model} does not take temperature`,
        `${model} does not take top_p`,
      ]);
    },
  );

  test.each(['gpt-4o-2024-11-20', 'gpt-4.1-nano', 'gpt-7-unheard-of', 'omni'])(
    'with %s is sent as requested',
    (model) => {
      const { body, sampling } = read({ model, temperature: 0.5, topP: 0.9 });
      expect(body).toEqual({ max_completion_tokens: 100, temperature: 0.5, top_p: 0.9 });
      expect(sampling.warnings).toEqual([]);
    },
  );

  test('with gpt-4o-mini leaves out the effort and warns of the shutdown', () => {
    const { body, sampling } = read({ model: 'gpt-4o-mini', temperature: 0.5, reasoningEffort: 'low' });
    expect(body).toEqual({ max_completion_tokens: 100, temperature: 0.5 });
    expect(sampling.warnings).toEqual([
      expect.stringContaining('2027-01-14'),
      'gpt-4o-mini does not take reasoning_effort',
    ]);
  });

  test("follows these rules at OpenAI's own address only", () => {
    const { body, sampling } = read({ model: 'o3', temperature: 0.5 }, LOCAL);
    expect(body).toEqual({ max_tokens: 100, temperature: 0.5 });
    expect(sampling.warnings).toEqual([]);
  });
});

describe('a field that the server refused before', () => {
  const setting: Setting = { label: 'a', model: 'llama3', maxTokens: 100, topK: 40, temperature: 0.5 };

  test('is left out for that model, with a warning and no effect', () => {
    const server = makeServer(LOCAL);
    rememberRefusal(server, 'llama3', 'top_k');
    const { body, sampling } = upstreamBody(setting, server);
    expect(body).toEqual({ max_tokens: 100, temperature: 0.5 });
    expect(sampling.effective.top_k).toBeNull();
    expect(sampling.warnings).toEqual(['top_k is not accepted by this server for llama3']);
    expect(upstreamBody({ ...setting, model: 'other' }, server).body.top_k).toBe(40);
  });

  test('is sent under its other name if it is the token limit', () => {
    const server = makeServer(LOCAL);
    rememberRefusal(server, 'llama3', 'max_tokens');
    const { body, sampling } = upstreamBody(setting, server);
    expect(body).toMatchObject({ max_completion_tokens: 100 });
    expect(body).not.toHaveProperty('max_tokens');
    expect(sampling.effective.max_tokens).toBe(100);
  });

  test('is not added again if it is the effort that everytoken adds', () => {
    const server = makeServer(OPENAI);
    rememberRefusal(server, 'gpt-5.2', 'reasoning_effort');
    const { body, sampling } = upstreamBody(
      { label: 'a', model: 'gpt-5.2', maxTokens: 9, temperature: 1 },
      server,
    );
    expect(body).toEqual({ max_completion_tokens: 9, temperature: 1 });
    expect(sampling.warnings).toEqual([]);
  });
});

describe('an extra body', () => {
  test('is sent verbatim, and reported as not known to be applied on an unknown server', () => {
    const extraBody = { min_p: 0.05, nested: { a: [1] }, nothing: null };
    const { body, sampling } = read({ model: 'llama3', extraBody }, LOCAL);
    expect(body).toEqual({ max_tokens: 100, ...extraBody });
    expect(sampling.effective).toEqual({ max_tokens: 100, min_p: null, nested: null, nothing: null });
  });

  test('is applied by the local model', () => {
    const { sampling } = read({ model: 'everytoken-ngram', extraBody: { pace: 0 } }, LOCAL);
    expect(sampling.effective).toMatchObject({ pace: 0 });
  });
});
