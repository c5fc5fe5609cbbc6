/** An error as OpenAI-compatible servers put it into a body or a stream; any field may be missing. */
export type StreamError = {
  message?: unknown;
  code?: string | number | null;
  type?: string | null;
  param?: string | null;
};

/** A chat completion chunk, of which everything may be missing: servers differ. */
export type StreamEvent = {
  id?: string;
  model?: string;
  error?: StreamError | string | null;
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number } | null;
    completion_tokens_details?: { reasoning_tokens?: number } | null;
  } | null;
  choices?: {
    finish_reason?: string | null;
    logprobs?: { content?: unknown[] | null; refusal?: unknown[] | null } | null;
    delta?: {
      content?: unknown;
      reasoning_content?: unknown;
      reasoning?: unknown;
      refusal?: unknown;
      tool_calls?: { function?: { arguments?: unknown } | null }[] | null;
      function_call?: { arguments?: unknown } | null;
    } | null;
  }[];
};
