import { describe, expect, test } from 'vitest';
import { orderRows, samplingOf } from '../../../lib/sampling/catalogue.ts';
import { extraBodyIssues } from '../../../lib/sampling/extra-fields.ts';
import { kindOf, makeServer, SERVER_KINDS, type Server } from '../../../lib/sampling/server.ts';

const issuesOn = (server: Server, extraBody: Record<string, unknown>, path?: string) =>
  extraBodyIssues(
    extraBody,
    { kind: kindOf(server, 'm'), extra: samplingOf(server, 'm').extra },
    ...(path === undefined ? [] : [path]),
  );
const on = (kind: (typeof SERVER_KINDS)[number]) => makeServer('', { kind });

describe('an extra body', () => {
  test('passes what the kind of server documents', () => {
    expect(issuesOn(on('vllm'), { min_p: 0.1, guided_regex: 'a+', top_k: 3 })).toEqual([]);
    expect(issuesOn(on('llama.cpp'), { min_p: 0.1, mirostat: 2, grammar: 'root ::= "a"' })).toEqual([]);
    expect(issuesOn(on('openrouter'), { reasoning: { effort: 'low' }, top_a: 0.2 })).toEqual([]);
    expect(issuesOn(on('together'), { repetition_penalty: 1.1 })).toEqual([]);
    expect(issuesOn(on('groq'), { reasoning_format: 'parsed' })).toEqual([]);
    expect(issuesOn(on('everytoken'), { pace: 0 })).toEqual([]);
  });

  test.each(SERVER_KINDS)('on %s passes the fields of the protocol', (kind) => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
    const fields = { logit_bias: { 5: 1 }, top_logprobs: 2, user: 'u', tools, tool_choice: 'auto' };
    expect(issuesOn(on(kind), fields)).toEqual([]);
  });

  test('is refused a field that the kind is not known to take, with the remedy', () => {
    expect(issuesOn(on('vllm'), { mirostat: 2, zeta: 1 }, 'settings.2.extra_body')).toEqual([
      {
        path: 'settings.2.extra_body.mirostat',
        message:
          'is not a field that vLLM is known to take; leave it out, or have the operator open it in MODEL_CATALOGUE',
      },
      expect.objectContaining({ path: 'settings.2.extra_body.zeta' }),
    ]);
  });

  test('to a server of unknown kind passes what any kind documents, and nothing else', () => {
    const fields = { min_p: 0.1, mirostat: 2, top_a: 0.2, zeta: 1, constructor: 1 };
    expect(issuesOn(makeServer('https://models.example.org/v1'), fields).map(({ path }) => path)).toEqual([
      'extra_body.zeta',
      'extra_body.constructor',
    ]);
  });

  test('passes what the operator opened for the model, but for nothing else', () => {
    const rows = orderRows([{ pattern: 'm', overrides: { extra: { zeta: 'applied' } } }]);
    const server = makeServer('', { kind: 'vllm', rows });
    expect(issuesOn(server, { zeta: 1, min_p: 0.1 })).toEqual([]);
    expect(issuesOn(server, { eta: 1 })).toHaveLength(1);
  });

  const REFUSED = [
    ...['model', 'messages', 'stream', 'stream_options', 'n', 'max_tokens', 'max_completion_tokens'],
    ...['n_predict', 'num_predict', 'best_of', 'use_beam_search', 'echo'],
    ...['models', 'fallbacks', 'route', 'provider', 'preset', 'lora'],
    ...['api_base', 'base_url', 'api_key', 'extra_headers'],
    ...['service_tier', 'priority', 'store', 'metadata', 'plugins', 'web_search_options'],
  ];

  test.each(REFUSED)('is refused %s by name on every server, even if the operator opened it', (field) => {
    for (const kind of SERVER_KINDS) {
      const rows = orderRows([{ pattern: '*', overrides: { extra: { [field]: 'applied' } } }]);
      expect(issuesOn(makeServer('', { kind, rows }), { logit_bias: {}, [field]: 1 })).toEqual([
        { path: `extra_body.${field}`, message: expect.stringContaining('cannot be sent this way') },
      ]);
    }
  });

  test('is refused a chat template of its own, and arguments of one that are no flags', () => {
    const flags = { enable_thinking: false, reasoning_effort: 'low', budget: 5 };
    expect(issuesOn(on('vllm'), { chat_template_kwargs: flags })).toEqual([]);
    for (const more of [
      { chat_template: 'x' },
      { tokenize: false },
      { documents: [] },
      { x: 'x'.repeat(65) },
    ])
      expect(issuesOn(on('vllm'), { chat_template_kwargs: { ...flags, ...more } })).toMatchObject([
        { path: 'extra_body.chat_template_kwargs' },
      ]);
    expect(issuesOn(on('vllm'), { chat_template: 'x' })).toHaveLength(1);
  });

  test('is refused tools that a server runs by itself, and a limit inside of reasoning', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }, { type: 'web_search' }];
    expect(issuesOn(on('openrouter'), { tools, reasoning: { max_tokens: 90_000 } })).toEqual([
      { path: 'extra_body.tools', message: expect.stringContaining('"function"') },
      { path: 'extra_body.reasoning', message: expect.stringContaining('max_tokens') },
    ]);
    expect(issuesOn(on('openai'), { tools: 'x' })).toHaveLength(1);
  });
});
