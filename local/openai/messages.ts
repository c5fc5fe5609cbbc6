import { isObject, type JsonObject, own } from '../json.ts';
import { countTokens } from '../model/tokens.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import { refuseUnknown } from './parameters.ts';

/** A call of a tool in an assistant's message, with its arguments or its text, as the model wrote them. */
type MessageCall = { id: string; name: string; input: string };

/** A message, its text in one piece. `toolCallId` is the call that a tool's message answers. */
export type Message = { role: string; text: string; calls: MessageCall[]; toolCallId?: string };

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool'];

const MESSAGE_FIELDS = ['role', 'content', 'name'];

/** Fields of an answer that a client sends back in the next turn; all but `refusal` and `tool_calls` are passed over. */
const ANSWER_FIELDS = [
  'refusal',
  'annotations',
  'parsed',
  'reasoning',
  'reasoning_content',
  'audio',
  'tool_calls',
  'function_call',
];

const fieldsOf = (role: string): string[] => {
  if (role === 'assistant') return [...MESSAGE_FIELDS, ...ANSWER_FIELDS];
  return role === 'tool' ? [...MESSAGE_FIELDS, 'tool_call_id'] : MESSAGE_FIELDS;
};

const readPart = (part: unknown, param: string): string => {
  if (!isObject(part)) throw wrongType(param, 'object', part);
  const { type, text } = part;
  if (type === 'refusal' && typeof part.refusal === 'string') return part.refusal;
  if (type !== 'text')
    throw wrongValue(`${param}.type`, `Invalid value for '${param}.type': this server reads only 'text'.`);
  if (typeof text !== 'string') throw wrongType(`${param}.text`, 'string', text);
  return text;
};

const readContent = (content: unknown, param: string): string => {
  if (content === undefined) throw missing(param);
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw wrongType(param, 'string', content);
  return content.map((part, index) => readPart(part, `${param}[${index}]`)).join('');
};

/** Answers of the audio models and calls of the time before tools are of another kind than this server's. */
const refuseOldAnswers = (message: JsonObject, param: string): void => {
  for (const field of ['function_call', 'audio'])
    if ((own(message, field) ?? null) !== null)
      throw wrongValue(
        `${param}.${field}`,
        `Invalid value for '${param}.${field}': it is not supported here.`,
      );
};

export const readString = (value: unknown, param: string): string => {
  if (value === undefined || value === null) throw missing(param);
  if (typeof value !== 'string') throw wrongType(param, 'string', value);
  return value;
};

const readCall = (call: unknown, param: string): MessageCall => {
  if (!isObject(call)) throw wrongType(param, 'object', call);
  const { id, type } = call;
  if (type !== 'function' && type !== 'custom')
    throw wrongValue(
      `${param}.type`,
      `Invalid value for '${param}.type': this server reads only 'function' and 'custom'.`,
    );
  const called = own(call, type);
  if (!isObject(called)) throw missing(`${param}.${type}`);
  const input = type === 'custom' ? 'input' : 'arguments';
  return {
    id: readString(id, `${param}.id`),
    name: readString(called.name, `${param}.${type}.name`),
    input: readString(own(called, input), `${param}.${type}.${input}`),
  };
};

const readCalls = (message: JsonObject, param: string): MessageCall[] => {
  refuseOldAnswers(message, param);
  const calls = message.tool_calls ?? [];
  if (!Array.isArray(calls)) throw wrongType(`${param}.tool_calls`, 'array', calls);
  return calls.map((call, at) => readCall(call, `${param}.tool_calls[${at}]`));
};

const readMessage = (message: unknown, at: number): Message => {
  const param = `messages[${at}]`;
  if (!isObject(message)) throw wrongType(param, 'object', message);
  const { role, content } = message;
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    const supported = ROLES.map((known) => `'${known}'`).join(', ');
    throw wrongValue(
      `${param}.role`,
      `Invalid value for '${param}.role'. Supported values are: ${supported}.`,
    );
  }
  refuseUnknown(message, fieldsOf(role));
  if (role === 'assistant')
    return {
      role,
      calls: readCalls(message, param),
      text: readContent(content ?? message.refusal ?? '', `${param}.content`),
    };
  const text = readContent(content, `${param}.content`);
  if (role !== 'tool') return { role, text, calls: [] };
  return { role, text, calls: [], toolCallId: readString(message.tool_call_id, `${param}.tool_call_id`) };
};

/** Demands that tools' messages answer the calls before them: each call, and nothing else. */
const checkAnswers = (messages: readonly Message[]): void => {
  let called: readonly MessageCall[] = [];
  let open = new Set<string>();
  const refuseOpen = (at: number): void => {
    if (open.size === 0) return;
    throw new ApiError(
      400,
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
      `messages.[${at}].role`,
    );
  };
  for (const [at, { role, calls, toolCallId }] of messages.entries()) {
    if (role !== 'tool' || toolCallId === undefined) {
      refuseOpen(at);
      called = calls;
      open = new Set(calls.map(({ id }) => id));
    } else if (called.length === 0) {
      throw new ApiError(
        400,
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${at}].role`,
      );
    } else if (!called.some(({ id }) => id === toolCallId)) {
      throw new ApiError(
        400,
        `Invalid parameter: 'tool_call_id' of '${toolCallId}' not found in 'tool_calls' of previous message.`,
        `messages.[${at}].tool_call_id`,
      );
    } else open.delete(toolCallId);
  }
  refuseOpen(messages.length - 1);
};

/**
 * Reads the messages of a conversation.
 *
 * @throws {ApiError} 400 in OpenAI's words, also for calls without answers and answers without calls.
 */
export const readMessages = (body: JsonObject): Message[] => {
  const messages: unknown = body.messages ?? undefined;
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages)) throw wrongType('messages', 'array', messages);
  if (messages.length === 0) throw wrongValue('messages', "Invalid 'messages': the array cannot be empty.");
  const read = messages.map(readMessage);
  checkAnswers(read);
  return read;
};

/** The tokens of the messages' texts, and of the names and inputs of their calls. */
export const tokensOf = (messages: readonly Message[]): number =>
  messages
    .flatMap(({ text, calls }) => [text, ...calls.flatMap((call) => [call.name, call.input])])
    .reduce((sum, text) => sum + countTokens(text), 0);
