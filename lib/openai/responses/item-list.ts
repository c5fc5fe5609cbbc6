import type { Message } from '../../runs/request.ts';
import { calledWith, type ToolCall } from '../../runs/tool-call.ts';
import { responseIdOf } from './item-ids.ts';
import type { OutputItem } from './output-items.ts';

/** An item that a model was given, as it is listed: https://platform.openai.com/docs/api-reference/responses/input-items. */
export type InputItem =
  | OutputItem
  | {
      type: 'message';
      id: string;
      status: 'completed';
      role: string;
      content: { type: 'input_text'; text: string }[];
    }
  | {
      type: 'function_call_output' | 'custom_tool_call_output';
      id: string;
      status: 'completed';
      call_id: string;
      output: string;
    };

/**
 * The items of a response's input, in their order: those of the conversation before it, too. Ids are made of the run's,
 * but reasoning keeps that of its server.
 */
export const inputItemsOf = (runId: string, messages: readonly Message[]): InputItem[] => {
  const typeOfCall = new Map(
    messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id, type }) => [id, type] as const)),
  );
  return messages
    .flatMap((message) => itemsOf(message, typeOfCall))
    .map((item, place) => ({ ...item, id: item.id || `${PREFIXES[item.type]}_${runId}_in${place}` }));
};

const PREFIXES: Record<InputItem['type'], string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  function_call_output: 'fco',
  custom_tool_call_output: 'ctco',
};

const completed = { id: '', status: 'completed' } as const;

const itemsOf = (message: Message, typeOfCall: ReadonlyMap<string, ToolCall['type']>): InputItem[] => {
  const { role, content, tool_calls = [], reasoning = [], tool_call_id: callId = '' } = message;
  if (role === 'tool') {
    const type =
      typeOfCall.get(callId) === 'custom' ? 'custom_tool_call_output' : ('function_call_output' as const);
    return [{ ...completed, type, call_id: callId, output: content }];
  }
  if (role !== 'assistant')
    return [{ ...completed, type: 'message', role, content: [{ type: 'input_text', text: content }] }];
  const isAlone = tool_calls.length === 0 && reasoning.length === 0;
  return [
    ...reasoning.map(
      ({ id, summary, encrypted_content }): InputItem => ({
        ...{ id, type: 'reasoning', status: 'completed' },
        summary: summary.map((text) => ({ type: 'summary_text', text })),
        ...(encrypted_content !== undefined && { encrypted_content }),
      }),
    ),
    ...(content === '' && !isAlone ? [] : [textItem(content)]),
    ...tool_calls.map(callItem),
  ];
};

const textItem = (text: string): OutputItem => ({
  ...completed,
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});

const callItem = (call: ToolCall): InputItem => {
  const { name, text } = calledWith(call);
  return call.type === 'custom'
    ? { ...completed, type: 'custom_tool_call', call_id: call.id, name, input: text }
    : { ...completed, type: 'function_call', call_id: call.id, name, arguments: text };
};

/** A page of items in OpenAI's shape: up to `limit` after the item of that id; undefined for an id that is not among them. */
export const pageOf = (
  items: readonly InputItem[],
  { limit, after }: { limit: number; after?: string | undefined },
) => {
  const from = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0) return undefined;
  const data = items.slice(from, from + limit);
  return {
    object: 'list' as const,
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + data.length < items.length,
  };
};

/** The answer to the deletion of a response. */
export const deletedResponse = (runId: string) => ({
  id: responseIdOf(runId),
  object: 'response' as const,
  deleted: true as const,
});
