import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InvalidInputError } from '../../lib/errors.ts';
import { parseChatRequest } from '../../lib/http/openai/chat-request.ts';
import { chatRequestSchema } from '../../lib/http/openai/chat-request-schema.ts';

const text = readFileSync(new URL('../../docs/openai-compatible.md', import.meta.url), 'utf8');
const section = (title: string): string => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

test('the page on OpenAI compatibility lists every supported field', () => {
  const [rows] = section('Supported fields').split('\n\n');
  const named = (rows ?? '').split('\n').flatMap((row) => row.split('|')[1]?.match(/`\w+`/g) ?? []);
  const carried = Object.keys(chatRequestSchema.shape).map((name) => `\`${name}\``);
  expect(named.toSorted()).toEqual(carried.toSorted());
});

test('every field that the page on OpenAI compatibility lists as refused is refused', () => {
  const named = section('Refused fields').match(/`[a-z_]+`/g) ?? [];
  const refused = named
    .map((name) => name.slice(1, -1))
    .filter((name) => !['n', 'extra_body'].includes(name));
  expect(refused).toEqual(expect.arrayContaining(['tools', 'function_call', 'audio', 'samples']));
  for (const name of refused)
    expect(() => parseChatRequest({ messages: [{ role: 'user', content: 'x' }], [name]: 1 })).toThrow(
      InvalidInputError,
    );
});
