import type { InputIssue } from '../../errors.ts';
import { dropAbsent, isObject, own } from '../../json/value.ts';
import type { ReasoningItem } from '../../runs/reasoning.ts';
import type { Message } from '../../runs/request.ts';
import { makeToolCall, type ToolCall } from '../../runs/tool-call.ts';
import { runIdOfItem } from './item-ids.ts';
import type { Origin, Origins } from './message-paths.ts';

type Fields = Record<string, unknown>;
type Read = { messages: Message[]; origins: Origins; issues: InputIssue[] };

const NO_MEDIA =
  'must be a part of type "input_text", "output_text" or "refusal": images, audio and files are not supported';
const NO_HOSTED =
  'must be a message, a call of a function or of a custom tool, its output, or reasoning: tools that a model server runs by itself are not supported';
const NO_REFERENCE =
  'refers to an item that is not among those of your stored responses; send the item itself, or previous_response_id';

/**
 * Converts the `input` of a response to the messages of a run: a text is a message of the user. Items of an answer that
 * follow each other become one message of the assistant, as chat completions have it: its reasoning, its text and its
 * calls. Only a second text begins another message, unless calls stand before it, whose outputs must come next. Fields
 * that servers and SDKs add to items are left out. An `item_reference` is looked up in `known`.
 *
 * @example
 * readInput([{ type: 'function_call', call_id: 'c', name: 'now', arguments: '{}' }]).messages
 * // [{ role: 'assistant', content: '', tool_calls: [{ id: 'c', type: 'function', function: … }] }]
 */
export const readInput = (
  input: unknown,
  known: ReadonlyMap<string, object> = new Map(),
  path = 'input',
): Read => {
  const turns = makeTurns();
  const { messages, origins } = turns;
  if (typeof input === 'string') {
    turns.other({ role: 'user', content: input }, { item: path, content: path });
    return { messages, origins, issues: [] };
  }
  if (!Array.isArray(input) || input.length === 0)
    return { messages, origins, issues: [{ path, message: 'must be a text, or a list of items' }] };
  const issues = input.flatMap((item: unknown, at) => {
    const { type, id } = fieldsOf(item);
    const isReference = type === 'item_reference' || (type === undefined && isBareId(item));
    const meant = isReference ? known.get(String(id)) : item;
    if (meant === undefined) return [{ path: `${path}.${at}.id`, message: NO_REFERENCE }];
    return readItem(meant, `${path}.${at}`, turns);
  });
  return { messages, origins, issues };
};

/** The type of a reference may be left out. */
const isBareId = (item: unknown): boolean => isObject(item) && item.role === undefined && 'id' in item;

type Turns = ReturnType<typeof makeTurns>;

/** Joins items of answers to messages, each with its origin; `path` is that of an item. */
const makeTurns = () => {
  const messages: Message[] = [];
  const origins = new Map<Message, Origin>();
  let open: { message: Message; origin: Origin } | undefined;
  const add = (message: Message, origin: Pick<Origin, 'item' | 'content'>) => {
    const added = { message, origin: { ...origin, calls: [], reasoning: [] } };
    messages.push(message);
    origins.set(message, added.origin);
    return added;
  };
  const answer = (path: string, isApart = false): { message: Message; origin: Origin } => {
    if (!open || isApart) open = add({ role: 'assistant', content: '' }, { item: path, content: path });
    return open;
  };
  const isFull = () => open !== undefined && open.message.content !== '' && !open.message.tool_calls;
  return {
    messages,
    origins,
    other: (message: Message, origin: Pick<Origin, 'item' | 'content'>) => {
      open = undefined;
      add(message, origin);
    },
    text: (content: string, path: string) => {
      const { message, origin } = answer(path, isFull());
      if (message.content === '') origin.content = `${path}.content`;
      message.content = message.content === '' ? content : `${message.content}\n\n${content}`;
    },
    call: (call: ToolCall, path: string) => {
      const { message, origin } = answer(path);
      message.tool_calls = [...(message.tool_calls ?? []), call];
      origin.calls.push(path);
    },
    reasoning: (item: ReasoningItem, path: string) => {
      const { message, origin } = answer(path, isFull());
      message.reasoning = [...(message.reasoning ?? []), item];
      origin.reasoning.push(path);
    },
  };
};

const readItem = (item: unknown, path: string, turns: Turns): InputIssue[] => {
  if (!isObject(item)) return [{ path, message: 'must be an object' }];
  switch (item.type) {
    case undefined:
    case null:
    case 'message':
      return readMessage(item, path, turns);
    case 'function_call':
      return readCall(item, { path, type: 'function', field: 'arguments' }, turns);
    case 'custom_tool_call':
      return readCall(item, { path, type: 'custom', field: 'input' }, turns);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return readCallOutput(item, path, turns);
    case 'reasoning':
      return readReasoning(item, path, turns);
    default:
      return [{ path: `${path}.type`, message: NO_HOSTED }];
  }
};

const ROLES = ['user', 'system', 'developer', 'assistant'];

const readMessage = ({ role, content }: Fields, path: string, turns: Turns): InputIssue[] => {
  if (typeof role !== 'string' || !ROLES.includes(role))
    return [{ path: `${path}.role`, message: `must be one of ${ROLES.join(', ')}` }];
  const { text, issues } = readText(content, `${path}.content`);
  if (role === 'assistant') turns.text(text, path);
  else turns.other({ role, content: text }, { item: path, content: `${path}.content` });
  return issues;
};

const readCall = (
  item: Fields,
  { path, type, field }: { path: string; type: ToolCall['type']; field: string },
  turns: Turns,
): InputIssue[] => {
  const issues = ['call_id', 'name', field].flatMap((name) => {
    const value = own(item, name);
    const isGiven = typeof value === 'string' && (value !== '' || name === field);
    return isGiven ? [] : [{ path: `${path}.${name}`, message: 'must be a text' }];
  });
  if (issues.length > 0) return issues;
  const { call_id: id, name } = item;
  const called = { id: String(id), type, name: String(name), text: String(own(item, field)) };
  turns.call(makeToolCall(called), path);
  return [];
};

const readCallOutput = ({ call_id: id, output }: Fields, path: string, turns: Turns): InputIssue[] => {
  if (typeof id !== 'string' || id === '') return [{ path: `${path}.call_id`, message: 'must be a text' }];
  const { text, issues } = readText(output, `${path}.output`);
  const message = { role: 'tool', content: text, tool_call_id: id };
  turns.other(message, { item: path, content: `${path}.output` });
  return issues;
};

const readReasoning = (item: Fields, path: string, turns: Turns): InputIssue[] => {
  const { id, summary = [], encrypted_content: encrypted } = item;
  if (typeof id !== 'string' || id === '') return [{ path: `${path}.id`, message: 'must be a text' }];
  if (!Array.isArray(summary)) return [{ path: `${path}.summary`, message: 'must be a list' }];
  const texts = summary.map((part: unknown) => fieldsOf(part).text);
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong >= 0)
    return [{ path: `${path}.summary.${wrong}`, message: 'must be a part of type "summary_text"' }];
  if (encrypted !== undefined && encrypted !== null && typeof encrypted !== 'string')
    return [{ path: `${path}.encrypted_content`, message: 'must be a text' }];
  // One with an id of ours shows the reasoning of a server of chat completions, which none reads back.
  if (runIdOfItem(id) !== undefined) return [];
  turns.reasoning(
    dropAbsent({
      id,
      summary: texts.map(String),
      encrypted_content: encrypted ?? undefined,
    }) as ReasoningItem,
    path,
  );
  return [];
};

/** A text, or a list of its parts. */
const readText = (content: unknown, path: string): { text: string; issues: InputIssue[] } => {
  if (typeof content === 'string') return { text: content, issues: [] };
  if (!Array.isArray(content))
    return { text: '', issues: [{ path, message: 'must be a text, or a list of parts' }] };
  const texts = content.map(textOf);
  return {
    text: texts.map((text) => text ?? '').join(''),
    issues: texts.flatMap((text, at) =>
      text === undefined ? [{ path: `${path}.${at}`, message: NO_MEDIA }] : [],
    ),
  };
};

const TEXT_PARTS = ['input_text', 'output_text', 'text'];

const textOf = (part: unknown): string | undefined => {
  const { type, text, refusal } = fieldsOf(part);
  if (TEXT_PARTS.includes(String(type)) && typeof text === 'string') return text;
  return type === 'refusal' && typeof refusal === 'string' ? refusal : undefined;
};

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});

/** The runs that references among the items of an `input` name. */
export const referencedRuns = (input: unknown): string[] => {
  const items: unknown[] = Array.isArray(input) ? input : [];
  const ids = items.flatMap((item) => {
    const { type, id } = fieldsOf(item);
    const isReference = type === 'item_reference' || (type === undefined && isBareId(item));
    return isReference && typeof id === 'string' ? (runIdOfItem(id) ?? []) : [];
  });
  return [...new Set(ids)];
};
