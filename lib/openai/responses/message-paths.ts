import type { Message } from '../../runs/request.ts';

/** Where a message stands in a client's `input`: its first item, its text, and the items of its calls and its reasoning. */
export type Origin = { item: string; content: string; calls: string[]; reasoning: string[] };

/** The origins of the messages of an `input`. */
export type Origins = ReadonlyMap<Message, Origin>;

/**
 * Maps the path of a part of `messages` to the client's field. Messages without an origin are those of the conversation
 * before, and the first of all the instructions where `hasInstructions` says so. `messages` as a whole are the input.
 *
 * @example
 * pathInInput('messages.2.tool_calls.0.function.name', …) // 'input.4.name'
 */
export const pathInInput = (
  path: string,
  messages: readonly Message[],
  { origins, hasInstructions }: { origins: Origins; hasInstructions: boolean },
): string => {
  const [, place, rest = ''] = /^messages\.(\d+)\.?(.*)$/.exec(path) ?? [];
  const message = messages[Number(place)];
  if (!message) return 'input';
  const origin = origins.get(message);
  if (origin) return pathInItem(rest, origin);
  return hasInstructions && place === '0' ? 'instructions' : 'previous_response_id';
};

const pathInItem = (rest: string, { item, content, calls, reasoning }: Origin): string => {
  if (rest === 'content') return content;
  if (rest === 'tool_call_id') return `${item}.call_id`;
  const [, list, place = '', field = ''] = /^(tool_calls|reasoning)\.(\d+)\.?(.*)$/.exec(rest) ?? [];
  const found = (list === 'tool_calls' ? calls : reasoning)[Number(place)];
  if (list === undefined || found === undefined) return item;
  const named =
    list === 'reasoning' ? field : field.replace(/^id$/, 'call_id').replace(/^(function|custom)\.?/, '');
  return named === '' ? found : `${found}.${named}`;
};
