import type { Message } from '../../runs/request.ts';
import { calledWith, type ToolCall } from '../../runs/tool-call.ts';
import { type ConversationPart, partsOf } from '../../sampling/sent-messages.ts';
import { listOf } from '../list.ts';
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
export const inputItemsOf = (runId: string, messages: readonly Message[]): InputItem[] =>
  partsOf(messages)
    .map(itemOf)
    .map((item, place) => ({ ...item, id: item.id || `${PREFIXES[item.type]}_${runId}_in${place}` }));

const PREFIXES: Record<InputItem['type'], string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  function_call_output: 'fco',
  custom_tool_call_output: 'ctco',
};

const completed = { id: '', status: 'completed' } as const;

const itemOf = (part: ConversationPart): InputItem => {
  if (part.is === 'call') return callItem(part.call);
  if (part.is === 'output') {
    const type = part.isOfCustom ? 'custom_tool_call_output' : 'function_call_output';
    return { ...completed, type, call_id: part.callId, output: part.text };
  }
  if (part.is === 'reasoning') {
    const { id, summary, encrypted_content } = part.reasoning;
    return {
      ...{ id, type: 'reasoning', status: 'completed' },
      summary: summary.map((text) => ({ type: 'summary_text', text })),
      ...(encrypted_content !== undefined && { encrypted_content }),
    };
  }
  const { role, text } = part;
  return role === 'assistant'
    ? answerItem(text)
    : { ...completed, type: 'message', role, content: [{ type: 'input_text', text }] };
};

const answerItem = (text: string): OutputItem => ({
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

/** A page of items: up to `limit` after the item of that id; undefined for an id that is not among them. */
export const pageOf = (
  items: readonly InputItem[],
  { limit, after }: { limit: number; after?: string | undefined },
) => {
  const from = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0) return undefined;
  const data = items.slice(from, from + limit);
  return listOf(data, from + data.length < items.length);
};

/** The answer to the deletion of a response. */
export const deletedResponse = (runId: string) => ({
  id: responseIdOf(runId),
  object: 'response' as const,
  deleted: true as const,
});
