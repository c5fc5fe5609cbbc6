import type { InputIssue } from '../errors.ts';
import { dropAbsent, isObject } from '../json/value.ts';
import { withToolTurns } from './legacy-functions.ts';

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

const NO_AUDIO = 'is not supported, since outputs are text and calls of tools; leave it out';

const NO_MEDIA = 'must be a part of type "text": images, audio and files are not supported';

/**
 * Converts OpenAI's messages to those of a run: a list of text parts becomes one text, null fields are dropped, and
 * functions become tools. An assistant's message is taken as a chat completion returned it: without text it is empty, or
 * its refusal. `issues` names each part that is not text, below `path`. All other validation is left to the run's schema.
 *
 * @example
 * runMessages([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], 'messages').messages
 * // [{ role: 'user', content: 'Hi' }]
 */
export const runMessages = (messages: unknown, path: string): Read => {
  if (!Array.isArray(messages) || messages.length === 0)
    return { messages: [], issues: [{ path, message: 'must be a list of messages' }] };
  const read = withToolTurns(messages).map((message, at) => messageOf(message, `${path}.${at}`));
  return { messages: read.map(({ message }) => message), issues: read.flatMap(({ issues }) => issues) };
};

const messageOf = (message: unknown, path: string): { message: unknown; issues: InputIssue[] } => {
  if (!isObject(message)) return { message, issues: [] };
  const given = Object.fromEntries(Object.entries(message).filter(([, field]) => field !== null));
  const { fields, issues } = readFields(given, path);
  if (!Array.isArray(fields.content)) return { message: fields, issues };
  const parts: unknown[] = fields.content;
  const wrong = parts.flatMap((part, at) =>
    textOf(part) === undefined ? [{ path: `${path}.content.${at}`, message: NO_MEDIA }] : [],
  );
  const content = parts.map((part) => textOf(part) ?? '').join('');
  return { message: { ...fields, content }, issues: [...issues, ...wrong] };
};

type Fields = Record<string, unknown>;

const readFields = (given: Fields, path: string): { fields: Fields; issues: InputIssue[] } => {
  if (given.role === 'assistant') return answerOf(given, path);
  // Many programs name the tool here as well, which OpenAI's API does not read.
  const { name, ...ofTool } = given;
  return { fields: given.role === 'tool' ? ofTool : given, issues: [] };
};

/** An assistant's message without the fields that no model reads. */
const answerOf = (given: Fields, path: string): { fields: Fields; issues: InputIssue[] } => {
  const { refusal, content, audio, tool_calls: calls, ...rest } = given;
  const kept = Object.entries(rest).filter(([name]) => !ANSWER_FIELDS.has(name));
  const text = content === undefined || content === '' ? (refusal ?? '') : content;
  const isEmpty = calls === undefined || (Array.isArray(calls) && calls.length === 0);
  return {
    fields: {
      ...Object.fromEntries(kept),
      content: text,
      ...(!isEmpty && { tool_calls: Array.isArray(calls) ? calls.map(callOf) : calls }),
    },
    issues: audio === undefined ? [] : [{ path: `${path}.audio`, message: NO_AUDIO }],
  };
};

/** A call without the fields that SDKs add to it, such as `index` and `parsed_arguments`. */
const callOf = (call: unknown): unknown => {
  if (!isObject(call)) return call;
  const { id, type = 'function', function: called, custom } = call;
  return dropAbsent({
    id,
    type,
    function: isObject(called)
      ? dropAbsent({ name: called.name, arguments: called.arguments })
      : (called ?? undefined),
    custom: isObject(custom) ? dropAbsent({ name: custom.name, input: custom.input }) : (custom ?? undefined),
  });
};

/** The text of a content part; undefined for a part that is not text. */
const textOf = (part: unknown): string | undefined => {
  if (!isObject(part)) return undefined;
  if (part.type === 'text' && typeof part.text === 'string') return part.text;
  return part.type === 'refusal' && typeof part.refusal === 'string' ? part.refusal : undefined;
};
