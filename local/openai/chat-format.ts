import type { ChunkFormat } from './chunks.ts';
import { chatLogprobs, type StartedCall, type ToolType } from './completion-format.ts';

const callOf = ({ id, type, name, input }: StartedCall & { input: string }) =>
  type === 'custom'
    ? { id, type, custom: { name, input } }
    : { id, type, function: { name, arguments: input } };

const inputPiece = (type: ToolType | undefined, text: string) =>
  type === 'custom' ? { custom: { input: text } } : { function: { arguments: text } };

/** The shapes of chat completions. With calls the message has no content, as at OpenAI. */
export const chatFormat = (withLogprobs: boolean, hasCalls: boolean): ChunkFormat => {
  const content = hasCalls ? null : '';
  const chunk = (index: number, delta: object) => ({ index, delta, logprobs: null, finish_reason: null });
  return {
    idPrefix: 'chatcmpl-',
    object: 'chat.completion',
    chunkObject: 'chat.completion.chunk',
    head: { service_tier: 'default' },
    opening: (index) => chunk(index, { role: 'assistant', content, refusal: null }),
    callOpening: (index, at, call) =>
      chunk(index, { tool_calls: [{ index: at, ...callOf({ ...call, input: '' }) }] }),
    piece: (index, { text, tokens, call }, type) => ({
      ...chunk(
        index,
        call === undefined ? { content: text } : { tool_calls: [{ index: call, ...inputPiece(type, text) }] },
      ),
      logprobs: withLogprobs ? chatLogprobs(tokens) : null,
    }),
    closing: (index, reason) => ({ ...chunk(index, {}), finish_reason: reason }),
    whole: ({ index, text, calls, tokens, finish }) => ({
      index,
      message: {
        role: 'assistant',
        content: hasCalls ? null : text,
        refusal: null,
        annotations: [],
        ...(hasCalls ? { tool_calls: calls.map(callOf) } : {}),
      },
      logprobs: withLogprobs ? chatLogprobs(tokens) : null,
      finish_reason: finish,
    }),
  };
};
