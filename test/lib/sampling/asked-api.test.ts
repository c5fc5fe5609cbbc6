import { describe, expect, test } from 'vitest';
import { endpointOf } from '../../../lib/sampling/asked-api.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import type { Setting } from '../../../lib/sampling/setting.ts';

const OPENAI = 'https://api.openai.com/v1';
const tools = [{ type: 'function', function: { name: 'f' } }];
const asked = (model: string, own: Partial<Setting> = {}, server = makeServer(OPENAI)) =>
  endpointOf({ label: 'a', model, maxTokens: 10, ...own }, server) ?? 'chat_completions';

describe('the API that a model of OpenAI is asked by', () => {
  test.each([
    'o1-pro',
    'o3-pro-2025-06-10',
    'gpt-5-pro',
    'gpt-5.2-pro-2025-12-11',
    'gpt-5-codex',
    'gpt-5.1-codex-max',
    'codex-mini-latest',
    'o4-mini-deep-research-2025-06-26',
    'computer-use-preview',
    'gpt-6-cyber',
  ])('is the Responses API for %s, which no other serves', (model) => {
    expect(asked(model)).toBe('responses');
  });

  test('is that of chat completions, but for tools with reasoning where a model takes them only elsewhere', () => {
    expect(asked('gpt-6-luna')).toBe('chat_completions');
    expect(asked('gpt-6-luna', { reasoningEffort: 'low' })).toBe('chat_completions');
    expect(asked('gpt-6-luna', { tools })).toBe('chat_completions');
    expect(asked('gpt-6-luna', { tools, reasoningEffort: 'none' })).toBe('chat_completions');
    expect(asked('gpt-6-luna', { tools, reasoningEffort: 'low' })).toBe('responses');
    expect(asked('gpt-6-luna', { reasoningEffort: 'low', extraBody: { tools } })).toBe('responses');
    expect(asked('gpt-5.4', { tools, reasoningEffort: 'low' })).toBe('chat_completions');
  });

  test('is the Responses API for a summary of the reasoning and for truncation, from models that reason', () => {
    expect(asked('gpt-5.4', { reasoningSummary: 'auto' })).toBe('responses');
    expect(asked('gpt-5.4', { extraBody: { truncation: 'auto' } })).toBe('responses');
    expect(asked('gpt-4o', { reasoningSummary: 'auto' })).toBe('chat_completions');
  });
});

test('an operator sets the API of all models of a server, and of one model above it', () => {
  const rows = [{ pattern: 'old', overrides: { api: 'chat_completions' as const } }];
  const server = makeServer('https://gpu.example.org/v1', { api: 'responses', rows });
  expect(asked('new', {}, server)).toBe('responses');
  expect(asked('old', {}, server)).toBe('chat_completions');
  expect(asked('gpt-5-pro', {}, makeServer(OPENAI, { api: 'chat_completions' }))).toBe('chat_completions');
});

test('a prompt that is to be completed as it is goes to completions, whatever the API of the model', () => {
  expect(asked('gpt-5-pro', { endpoint: 'completions' })).toBe('completions');
});
