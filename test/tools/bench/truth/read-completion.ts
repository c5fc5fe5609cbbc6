import { createParser } from 'eventsource-parser';

/** The content of a chat completion's stream, read by a parser that is not the bench's. */
export const readCompletion = (stream: string) => {
  const read = { text: '', finishReason: '', usage: 0, reasoning: 0, done: false };
  createParser({
    onEvent({ data }) {
      if (data === '[DONE]') {
        read.done = true;
        return;
      }
      const { choices, usage } = JSON.parse(data);
      read.text += choices[0]?.delta.content ?? '';
      read.finishReason = choices[0]?.finish_reason ?? read.finishReason;
      if (!usage) return;
      read.usage = usage.completion_tokens;
      read.reasoning = usage.completion_tokens_details.reasoning_tokens;
    },
  }).feed(stream);
  return read;
};
