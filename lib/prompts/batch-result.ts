import type { Generation } from '../runs/generation.ts';
import type { AssembledLine, ResultLine } from './results.ts';

/**
 * A line of OpenAI's Batch output: `response.body` is a chat completion, and a line that failed has `error` and no
 * response. What everytoken adds stands in `everytoken`, beside them.
 */
export const batchRow = ({ result, customId }: AssembledLine) => {
  const { line, run_id, status, run, error, estimate } = result;
  const [generation] = run?.generations ?? [];
  const isAnswered = status === 'completed' && run && generation;
  return {
    id: `batch_req_${run_id ?? `line_${line}`}`,
    custom_id: customId,
    response: isAnswered
      ? { status_code: 200, request_id: run.id, body: chatCompletionOf(run, generation) }
      : null,
    error: error && { code: error.code, message: error.message },
    everytoken: {
      line,
      run_id,
      status,
      ...(generation && {
        timing: generation.timing,
        attempts: generation.attempts,
        sampling: generation.sampling,
        cost_usd: generation.cost_usd,
        price: generation.price,
      }),
      ...(error?.errors && { errors: error.errors }),
      ...(estimate && { estimate }),
    },
  };
};

const chatCompletionOf = (run: NonNullable<ResultLine['run']>, generation: Generation) => ({
  id: `chatcmpl-${run.id}`,
  object: 'chat.completion' as const,
  created: Math.floor(Date.parse(run.created_at) / 1000),
  model: generation.model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant' as const, content: generation.text, refusal: null },
      logprobs: null,
      finish_reason: generation.finish_reason,
    },
  ],
  usage: usageOf(generation),
});

const usageOf = ({ usage }: Generation) => {
  const { prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens } = usage;
  if (prompt_tokens === null || completion_tokens === null) return undefined;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    ...(cached_tokens !== null && { prompt_tokens_details: { cached_tokens } }),
    ...(reasoning_tokens !== null && { completion_tokens_details: { reasoning_tokens } }),
  };
};
