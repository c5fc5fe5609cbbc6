import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InvalidInputError } from '../../lib/errors.ts';
import { parseChatRequest } from '../../lib/http/openai/chat-request.ts';
import { OPENAI_FIELDS, OWN_FIELDS } from '../../lib/http/openai/request-fields.ts';

const text = readFileSync(new URL('../../docs/openai-compatible.md', import.meta.url), 'utf8');
const section = (title: string): string => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

const namesIn = (quoted: RegExpMatchArray | null | undefined) =>
  (quoted ?? []).map((name) => name.slice(1, -1));
const fields = Object.entries({ ...OPENAI_FIELDS, ...OWN_FIELDS });
const taken = fields.filter(([, { is }]) => is !== 'refused').map(([name]) => name);
const refused = fields.filter(([, { is }]) => is === 'refused').map(([name]) => name);

test('the page on OpenAI compatibility lists every supported field', () => {
  const [rows] = section('Supported fields').split('\n\n');
  const named = (rows ?? '').split('\n').flatMap((row) => namesIn(row.split('|')[1]?.match(/`\w+`/g)));
  expect(named.toSorted()).toEqual(taken.toSorted());
});

test('the page on OpenAI compatibility lists every refused field, and each is refused', () => {
  const named = namesIn(section('Refused fields').match(/`[a-z_]+`/g)).filter(
    (name) => !taken.includes(name),
  );
  expect([...new Set(named)].toSorted()).toEqual(refused.toSorted());
  for (const name of refused)
    expect(() => parseChatRequest({ messages: [{ role: 'user', content: 'x' }], [name]: 1 })).toThrow(
      InvalidInputError,
    );
});
