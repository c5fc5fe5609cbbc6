import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyOfSetting, promptTokensBound } from '../../../lib/sampling/chat-body.ts';
import { makeServer, SERVER_KINDS } from '../../../lib/sampling/server.ts';

const local = makeServer('', { kind: 'everytoken' });
const boundOn = (server = local, own = {}, messages = [{ role: 'user', content: 'Hello' }]) =>
  promptTokensBound(
    bodyOfSetting({ label: 'a', model: 'm', maxTokens: 10, ...own }, messages, server),
    server,
    'm',
  );

describe('the upper bound of a prompt', () => {
  test('that goes through no template is the bytes of the whole body, on every server', () => {
    const body = {
      max_tokens: 10,
      suffix: 'Ende',
      model: 'm',
      prompt: 'Größe',
      stream: true,
      stream_options: { include_usage: true },
    };
    const unknown = makeServer('https://models.example.org/v1');
    const own = { endpoint: 'completions', extraBody: { suffix: 'Ende' } };
    expect(boundOn(unknown, own, [{ role: 'user', content: 'Größe' }])).toBe(
      Buffer.byteLength(JSON.stringify(body)),
    );
  });

  test('on our own server is the bytes of the whole body', () => {
    const body = {
      max_tokens: 10,
      model: 'm',
      messages: [{ role: 'user', content: 'Größe' }],
      stream: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    };
    expect(boundOn(local, {}, [{ role: 'user', content: 'Größe' }])).toBe(
      Buffer.byteLength(JSON.stringify(body)),
    );
  });

  test('elsewhere has what the template of such a server adds for each message, name, tool and schema', () => {
    const openai = makeServer('https://api.openai.com/v1');
    const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello', name: 'ada' },
    ];
    const more = boundOn(openai, {}, messages) - boundOn(openai, {}, messages.slice(0, 1));
    expect(more).toBe(bytesOf(messages[1]) + 1 + 8 + 4);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const withTools = boundOn(openai, { extraBody: { tools } }) - boundOn(openai);
    expect(withTools).toBe(bytesOf({ tools }) - 1 + 32 + bytesOf(tools));
    const responseFormat = { type: 'json_object' };
    const withSchema = boundOn(openai, { responseFormat }) - boundOn(openai);
    expect(withSchema).toBe(bytesOf({ response_format: responseFormat }) - 1 + 64 + bytesOf(responseFormat));
  });

  test('counts calls of tools in messages, which a template may print anew', () => {
    const openai = makeServer('https://api.openai.com/v1');
    const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }];
    const called = { role: 'assistant', content: '', tool_calls };
    const plain = { role: 'assistant', content: '' };
    expect(boundOn(openai, {}, [called]) - boundOn(openai, {}, [plain])).toBe(
      // Beside calls an empty text is null.
      bytesOf({ ...called, content: null }) - bytesOf(plain) + 8 + bytesOf(tool_calls[0]),
    );
  });

  test('has a margin where the template is not known, which an operator can state', () => {
    const unknown = makeServer('https://models.example.org/v1');
    expect(boundOn(unknown)).toBeGreaterThan(1_024);
    const rows = [{ pattern: 'm', overrides: { prompt_overhead: 5_000 } }];
    expect(boundOn(makeServer(unknown.baseUrl, { rows })) - boundOn(unknown)).toBe(5_000 - 1_024);
  });

  test('is never below the bytes that are sent', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    const messages = fc.array(fc.record({ role: fc.constant('user'), content: text }), { minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...SERVER_KINDS), messages, fc.jsonValue(), (kind, given, value) => {
        const server = makeServer('', { kind });
        const setting = { label: 'a', model: 'm', maxTokens: 10, extraBody: { grammar: value } };
        const body = bodyOfSetting(setting, given, server);
        expect(promptTokensBound(body, server, 'm')).toBeGreaterThanOrEqual(
          Buffer.byteLength(JSON.stringify(body)),
        );
      }),
    );
  });
});
