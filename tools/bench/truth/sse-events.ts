export const DONE = 'data: [DONE]\n\n';
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
