import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { PROBLEM_CODES } from '../../lib/http/problem.ts';
import { collectMessages, type Message } from './collect-messages.ts';

const { messages, unread } = collectMessages(resolve(import.meta.dirname, '../..'));
const titles: Message[] = Object.entries(PROBLEM_CODES).map(([code, { title }]) => ({
  file: `PROBLEM_CODES.${code}`,
  text: title,
}));
const all = [...messages, ...titles].sort((a, b) => (a.text.toLowerCase() < b.text.toLowerCase() ? -1 : 1));

// EVERYTOKEN_PRINT_ERRORS=1 npx vitest run test/lib/error-messages.test.ts prints all of them, to be read.
if (process.env.EVERYTOKEN_PRINT_ERRORS) {
  console.log(all.map(({ text, file }) => `${text}    [${file}]`).join('\n'));
  console.log(
    `${all.length} messages; ${unread.length} places without a literal: ${[...new Set(unread)].join(', ')}`,
  );
}

const breaking = (rule: RegExp): string[] =>
  all.filter(({ text }) => rule.test(text)).map(({ text, file }) => `${file}: ${text}`);

test('error messages are found in the sources', () => {
  expect(messages.length).toBeGreaterThan(200);
});

test('an error message is one sentence without a full stop', () => {
  expect(breaking(/[.!?]\s+\p{Lu}|[.!]\s*$/u)).toEqual([]);
});

test('no error message opens with who, what, whoever, whatever or whichever', () => {
  expect(breaking(/^(who|what|which)(ever)?\b/i)).toEqual([]);
});

test('no error message uses shorthand in capitals for a record or a document', () => {
  expect(breaking(/\b(RUN|FILE|BLOCK|LINE|DAY|DESIGN|METRICS|FACTS)\b/)).toEqual([]);
});

test('no error message holds a secret or fills one in', () => {
  expect(breaking(/\{\w*(secret|apiKey|password|authorization|credential)\w*\}|\bsk-\w{8}/i)).toEqual([]);
});
