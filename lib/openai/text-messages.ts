import type { InputIssue } from '../errors.ts';
import { isObject } from '../json/value.ts';

type Read = { messages: unknown[]; issues: InputIssue[] };

/**
 * Converts OpenAI's messages to those of a run: a list of text parts becomes one text, and null fields are dropped.
 * `issues` names each part that is not text, below `path`. All other validation is left to the run's schema.
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
  if (!Array.isArray(given.content)) return { message: given, issues: [] };
  const parts: unknown[] = given.content;
  const issues = parts.flatMap((part, at) =>
    isTextPart(part) ? [] : [{ path: `${path}.content.${at}`, message: 'must be a part of type "text"' }],
  );
  const content = parts.map((part) => (isTextPart(part) ? part.text : '')).join('');
  return { message: { ...given, content }, issues };
};

const isTextPart = (part: unknown): part is { type: 'text'; text: string } =>
  isObject(part) && part.type === 'text' && typeof part.text === 'string';
