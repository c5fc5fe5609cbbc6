import { isObject, type JsonObject } from '../../json.ts';
import { ApiError, missing, wrongType, wrongValue } from '../api-error.ts';
import { type Message, readString } from '../messages.ts';
import { unknownParameter } from '../parameters.ts';

const ROLES = ['developer', 'system', 'user', 'assistant'];

/** Fields of an output item that a client sends back in the next turn, and that say nothing to the model. */
const ANSWER_FIELDS = ['id', 'status', 'phase', 'parsed', 'parsed_arguments', 'namespace', 'caller'];

const FIELDS = new Map([
  ['message', ['type', 'role', 'content']],
  ['function_call', ['type', 'call_id', 'name', 'arguments']],
  ['custom_tool_call', ['type', 'call_id', 'name', 'input']],
  ['function_call_output', ['type', 'call_id', 'output']],
  ['custom_tool_call_output', ['type', 'call_id', 'output']],
  ['reasoning', ['type', 'summary', 'content', 'encrypted_content']],
]);

const readPart = (part: unknown, param: string): string => {
  if (!isObject(part)) throw wrongType(param, 'object', part);
  const { type } = part;
  if (type === 'refusal') return readString(part.refusal, `${param}.refusal`);
  if (type !== 'input_text' && type !== 'output_text')
    throw wrongValue(
      `${param}.type`,
      `Invalid value for '${param}.type': this server reads only 'input_text' and 'output_text'.`,
    );
  return readString(part.text, `${param}.text`);
};

const readContent = (content: unknown, param: string): string => {
  if (content === undefined || content === null) throw missing(param);
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw wrongType(param, 'string', content);
  return content.map((part, at) => readPart(part, `${param}[${at}]`)).join('');
};

/** Reads an item; `undefined` for one of reasoning, which this model does not have. */
const readItem = (item: unknown, at: number): Message | undefined => {
  const param = `input[${at}]`;
  if (!isObject(item)) throw wrongType(param, 'object', item);
  const { type = 'message' } = item;
  if (type === 'item_reference')
    throw new ApiError(
      404,
      `Item with id '${String(item.id).slice(0, 80)}' not found. This server stores nothing; send the item itself.`,
      'input',
    );
  const known = FIELDS.get(String(type));
  if (known === undefined) {
    const supported = [...FIELDS.keys()].map((each) => `'${each}'`).join(', ');
    throw wrongValue(
      `${param}.type`,
      `Invalid value: '${String(type).slice(0, 80)}'. Supported values are: ${supported}.`,
    );
  }
  const unknown = Object.keys(item).find((name) => !known.includes(name) && !ANSWER_FIELDS.includes(name));
  if (unknown !== undefined) throw unknownParameter(`${param}.${unknown}`);
  switch (type) {
    case 'reasoning':
      return undefined;
    case 'message':
      return readMessage(item, param);
    case 'function_call':
    case 'custom_tool_call':
      return { role: 'assistant', text: '', calls: [readCall(item, param)] };
    default:
      return {
        role: 'tool',
        text: readContent(item.output, `${param}.output`),
        calls: [],
        toolCallId: readString(item.call_id, `${param}.call_id`),
      };
  }
};

const readMessage = ({ role, content }: JsonObject, param: string): Message => {
  if (role === undefined) throw missing(`${param}.role`);
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    const supported = ROLES.map((each) => `'${each}'`).join(', ');
    throw wrongValue(
      `${param}.role`,
      `Invalid value for '${param}.role'. Supported values are: ${supported}.`,
    );
  }
  return { role, text: readContent(content, `${param}.content`), calls: [] };
};

const readCall = (item: JsonObject, param: string) => {
  const input = item.type === 'function_call' ? 'arguments' : 'input';
  return {
    id: readString(item.call_id, `${param}.call_id`),
    name: readString(item.name, `${param}.name`),
    input: readString(item[input], `${param}.${input}`),
  };
};

/** Each output follows its call, and each call has an output. */
const checkOutputs = (messages: readonly Message[]): void => {
  const open = new Set<string>();
  const called = new Set<string>();
  for (const { calls, toolCallId } of messages) {
    for (const { id } of calls) {
      open.add(id);
      called.add(id);
    }
    if (toolCallId === undefined) continue;
    if (!called.has(toolCallId))
      throw new ApiError(
        400,
        `No tool call found for function call output with call_id ${toolCallId}.`,
        'input',
      );
    open.delete(toolCallId);
  }
  const [unanswered] = open;
  if (unanswered !== undefined)
    throw new ApiError(400, `No tool output found for function call ${unanswered}.`, 'input');
};

/**
 * Reads `input`: a text, which is one of a user, or items.
 *
 * @throws {ApiError} 400 in OpenAI's words, also for calls without outputs and outputs without calls; 404 for an item
 * that is referred to, since nothing is stored.
 */
export const readInput = (body: JsonObject): Message[] => {
  const input: unknown = body.input ?? undefined;
  if (input === undefined) throw missing('input');
  if (typeof input === 'string') return [{ role: 'user', text: input, calls: [] }];
  if (!Array.isArray(input)) throw wrongType('input', 'string', input);
  if (input.length === 0) throw wrongValue('input', "Invalid 'input': the array cannot be empty.");
  const messages = input.map(readItem).filter((message) => message !== undefined);
  checkOutputs(messages);
  return messages;
};
