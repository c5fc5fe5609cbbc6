import { chatCompletionOf } from '../../openai/chat-completion.ts';
import type { AssembledLine } from './results.ts';

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
