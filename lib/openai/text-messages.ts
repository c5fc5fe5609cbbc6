import type { InputIssue } from '../errors.ts';
import { isObject } from '../json/value.ts';

type Read = { messages: unknown[]; issues: InputIssue[] };

/**
 * Fields of an answer that a client sends back in the next turn. Servers make them, SDKs and gateways add to them, and
 * no model reads them: they are left out. `refusal` is read as text.
 */
const ANSWER_FIELDS = new Set([
  'annotations',
  'parsed',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'provider_specific_fields',
]);

/** Fields of an answer that a run has no place for. */
const NOT_TEXT_FIELDS = new Set(['tool_calls', 'function_call', 'audio']);

const NOT_TEXT = 'is not supported, since outputs are text only; leave it out';

/**
 * Converts OpenAI's messages to those of a run: a list of text parts becomes one text, and null fields are dropped. An
 * assistant's message is taken as a chat completion returned it: without text it is empty, or its refusal. `issues`
 * names each part that is not text, below `path`. All other validation is left to the run's schema.
 *
 * @example
 * textMessages([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], 'messages').messages
 * // [{ role: 'user', content: 'Hi' }]
 */
export const textMessages = (messages: unknown, path: string): Read => {
  if (!Array.isArray(messages) || messages.length === 0)
    return { messages: [], issues: [{ path, message: 'must be a list of messages' }] };
  const read = messages.map((message, at) => messageOf(message, `${path}.${at}`));
  return { messages: read.map(({ message }) => message), issues: read.flatMap(({ issues }) => issues) };
};

const messageOf = (message: unknown, path: string): { message: unknown; issues: InputIssue[] } => {
  if (!isObject(message)) return { message, issues: [] };
  const given = Object.fromEntries(Object.entries(message).filter(([, field]) => field !== null));
  const { fields, issues } =
    given.role === 'assistant' ? answerOf(given, path) : { fields: given, issues: [] };
  if (!Array.isArray(fields.content)) return { message: fields, issues };
  const parts: unknown[] = fields.content;
  const wrong = parts.flatMap((part, at) =>
    textOf(part) === undefined
      ? [{ path: `${path}.content.${at}`, message: 'must be a part of type "text"' }]
      : [],
  );
  const content = parts.map((part) => textOf(part) ?? '').join('');
  return { message: { ...fields, content }, issues: [...issues, ...wrong] };
};

/** An assistant's message without the fields that no model reads. A call of a tool or audio is an issue. */
const answerOf = (given: Record<string, unknown>, path: string) => {
  const { refusal, content, ...rest } = given;
  const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;
  const left = Object.entries(rest).filter(
    ([name, value]) => !ANSWER_FIELDS.has(name) && !(name === 'tool_calls' && isEmptyList(value)),
  );
  const issues = left
    .filter(([name]) => NOT_TEXT_FIELDS.has(name))
    .map(([name]): InputIssue => ({ path: `${path}.${name}`, message: NOT_TEXT }));
  const fields = left.filter(([name]) => !NOT_TEXT_FIELDS.has(name));
  const text = content === undefined || content === '' ? (refusal ?? '') : content;
  return { fields: { ...Object.fromEntries(fields), content: text } as Record<string, unknown>, issues };
};

/** The text of a content part; undefined for a part that is not text. */
const textOf = (part: unknown): string | undefined => {
  if (!isObject(part)) return undefined;
  if (part.type === 'text' && typeof part.text === 'string') return part.text;
  return part.type === 'refusal' && typeof part.refusal === 'string' ? part.refusal : undefined;
};
