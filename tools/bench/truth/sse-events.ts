const DONE = 'data: [DONE]\n\n';
export const COMMENT = ': keep-alive\n\n';

export type EventMaker = ReturnType<typeof eventMaker>;

/**
 * Makes the events of one streamed chat completion in OpenAI's shape.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const eventMaker = (id: string, model: string) => {
  const sse = (fields: Record<string, unknown>): string =>
    `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1_795_000_000, model, ...fields })}\n\n`;
  const choice = (delta: Record<string, unknown>, rest: Record<string, unknown> = {}): string =>
    sse({ choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...rest }] });
  return {
    role: () => choice({ role: 'assistant', content: '' }),
    empty: () => choice({ content: '' }),
    noDelta: () => choice({}),
    content: (words: string[], withLogprobs: boolean) =>
      choice({ content: words.join('') }, withLogprobs ? { logprobs: logprobsOf(words) } : {}),
    finish: () => choice({}, { finish_reason: 'stop' }),
    usage: (visible: number, reasoning: number) => sse({ choices: [], usage: usageOf(visible, reasoning) }),
    /** The end of a stream; empty where the event before it is the last. */
    last: () => DONE,
  };
};

/**
 * Makes the events of the same stream as the Responses API writes it.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const responseEventMaker = (id: string, model: string): EventMaker => {
  let text = '';
  let number = 0;
  const place = { item_id: `msg-${id}`, output_index: 0, content_index: 0 };
  const response = (fields: object) => ({
    id,
    object: 'response',
    created_at: 1_795_000_000,
    model,
    ...fields,
  });
  const sse = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...fields })}\n\n`;
  const part = () => ({ type: 'output_text', text, annotations: [], logprobs: [] });
  const item = (content: object[]) => ({ id: place.item_id, type: 'message', role: 'assistant', content });
  const delta = (words: string[], withLogprobs: boolean) =>
    sse('response.output_text.delta', {
      ...place,
      delta: words.join(''),
      logprobs: withLogprobs ? logprobsOf(words).content : [],
    });
  return {
    role: () =>
      [
        sse('response.created', { response: response({ status: 'in_progress', output: [] }) }),
        sse('response.in_progress', { response: response({ status: 'in_progress', output: [] }) }),
        sse('response.output_item.added', { output_index: 0, item: item([]) }),
        sse('response.content_part.added', { ...place, part: part() }),
      ].join(''),
    empty: () => delta([''], false),
    noDelta: () => sse('response.in_progress', { response: response({ status: 'in_progress', output: [] }) }),
    content: (words, withLogprobs) => {
      text += words.join('');
      return delta(words, withLogprobs);
    },
    finish: () =>
      [
        sse('response.output_text.done', { ...place, text, logprobs: [] }),
        sse('response.content_part.done', { ...place, part: part() }),
        sse('response.output_item.done', { output_index: 0, item: item([part()]) }),
      ].join(''),
    usage: (visible, reasoning) =>
      sse('response.completed', {
        response: response({
          status: 'completed',
          output: [item([part()])],
          usage: {
            input_tokens: 9,
            output_tokens: visible + reasoning,
            output_tokens_details: { reasoning_tokens: reasoning },
            total_tokens: 9 + visible + reasoning,
          },
        }),
      }),
    last: () => '',
  };
};

/** The answer to a request that does not stream. */
export const wholeAnswer = (
  id: string,
  model: string,
  { text, visibleTokens, reasoningTokens }: { text: string; visibleTokens: number; reasoningTokens: number },
) => ({
  id,
  object: 'chat.completion',
  created: 1_795_000_000,
  model,
  choices: [
    { index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: 'stop' },
  ],
  usage: usageOf(visibleTokens, reasoningTokens),
});

const logprobsOf = (words: string[]) => ({
  content: words.map((token) => ({
    token,
    logprob: -0.5,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  })),
});

const usageOf = (visible: number, reasoning: number) => ({
  prompt_tokens: 9,
  completion_tokens: visible + reasoning,
  total_tokens: 9 + visible + reasoning,
  completion_tokens_details: { reasoning_tokens: reasoning },
});
