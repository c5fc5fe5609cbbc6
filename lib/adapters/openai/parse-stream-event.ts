import { IncompleteOutputError } from '../../errors.ts';
import type { Usage } from '../../runs/generation.ts';
import type { StreamError, StreamEvent } from './stream-event.ts';

/** The parser's own message would quote the output, so it is left out. */
export const parseStreamEvent = (data: string): StreamEvent => {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    throw new IncompleteOutputError('the model server sent an event that is not JSON');
  }
  if (typeof event !== 'object' || event === null) {
    throw new IncompleteOutputError('the model server sent an event that is not an object');
  }
  return event;
};

export const streamErrorOf = (event: StreamEvent): StreamError => {
  const error = event.error ?? (event as StreamError);
  return typeof error === 'object' ? error : { message: error };
};

/** Anything but a string is no text. */
export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const toolArguments = ({
  tool_calls,
  function_call,
}: NonNullable<NonNullable<StreamEvent['choices']>[0]['delta']>) =>
  (Array.isArray(tool_calls) ? tool_calls : []).map((call) => stringOf(call?.function?.arguments)).join('') +
  stringOf(function_call?.arguments);

/** Null for what is missing or no count; of the output also while it may still grow (`isFinal` false). */
export const usageOf = (usage: StreamEvent['usage'], isFinal: boolean): Usage => ({
  prompt_tokens: countOf(usage?.prompt_tokens),
  completion_tokens: isFinal ? countOf(usage?.completion_tokens) : null,
  reasoning_tokens: isFinal ? countOf(usage?.completion_tokens_details?.reasoning_tokens) : null,
  cached_tokens: countOf(usage?.prompt_tokens_details?.cached_tokens),
});

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
