import { randomUUID } from 'node:crypto';
import type { ScoredToken } from '../../model/generate.ts';
import { type FinishReason, responseLogprobs, type StartedCall } from '../completion-format.ts';

/** An output item as far as it is written: a message, or the call of a tool. */
export type Item = {
  id: string;
  call: StartedCall | undefined;
  /** Of the message, or the input of the call. */
  text: string;
  tokens: ScoredToken[];
};

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

const ID_PREFIXES = { message: 'msg_', function: 'fc_', custom: 'ctc_' } as const;

export const newItem = (call: StartedCall | undefined): Item => ({
  id: `${ID_PREFIXES[call?.type ?? 'message']}${randomUUID().replaceAll('-', '')}`,
  call,
  text: '',
  tokens: [],
});

/** The only content part of a message. */
export const partOf = ({ text, tokens }: Pick<Item, 'text' | 'tokens'>, withLogprobs: boolean) => ({
  type: 'output_text',
  annotations: [],
  logprobs: withLogprobs ? responseLogprobs(tokens) : [],
  text,
});

/** An output item as the API shows it. A message in progress has no content yet. */
export const itemOf = (item: Item, status: ItemStatus, withLogprobs: boolean): object => {
  const { id, call, text } = item;
  if (call === undefined) {
    const content = status === 'in_progress' ? [] : [partOf(item, withLogprobs)];
    return { id, type: 'message', status, content, role: 'assistant' };
  }
  const named = { call_id: call.id, name: call.name };
  return call.type === 'custom'
    ? { id, type: 'custom_tool_call', status, ...named, input: text }
    : { id, type: 'function_call', status, ...named, arguments: text };
};

/** The end of a response: cut by the limit of tokens, or complete. */
export const endOf = (finish: FinishReason) =>
  finish === 'length'
    ? ({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } } as const)
    : ({ status: 'completed', incomplete_details: null } as const);
