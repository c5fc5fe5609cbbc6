import type * as z from 'zod';
import {
  ConfigurationError,
  ConflictError,
  DeadlineError,
  EverytokenError,
  IncompleteOutputError,
  type InputIssue,
  InvalidInputError,
  NotFoundError,
  OverBudgetError,
  UpstreamError,
} from '../errors.ts';
import { LimitError } from '../limits/caller-limits.ts';
import type { RunView } from '../runs/view.ts';
import { AccessError } from './authenticate.ts';
import type { problemSchema } from './problem-schema.ts';

/**
 * A problem of RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457). Extensions: `code` from `PROBLEM_CODES`, `errors` for
 * invalid input, `run` for a failed run.
 */
export type Problem = z.infer<typeof problemSchema>;

/** A problem and the response headers for it. */
export type ProblemAnswer = {
  problem: Problem;
  headers: Record<string, string>;
  /** The key is valid, but not for this route: OpenAI's API tells that from an unknown key. */
  isKeyValid?: true;
};

const PROBLEM_TYPE = 'application/problem+json';

type ProblemCode = { status: number; title: string };

/**
 * The published problem codes. A failed run may also have a code of its model server that is not listed here; its
 * status is 502 then.
 */
export const PROBLEM_CODES = {
  invalid_input: { status: 400, title: 'The request is not valid' },
  sampling_not_applied: { status: 400, title: 'The model server would not apply the sampling as asked' },
  previous_response_not_found: {
    status: 400,
    title: 'The caller has no response with the id of the previous one',
  },
  price_unknown: { status: 400, title: "The budget limits the cost and a model's price is not known" },
  empty_body: { status: 400, title: 'The body is empty' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  unauthorized: { status: 401, title: 'The request needs an API key' },
  forbidden: { status: 403, title: 'The API key is not accepted' },
  not_found: { status: 404, title: 'The resource does not exist' },
  unknown_route: { status: 404, title: 'The route does not exist' },
  method_not_allowed: { status: 405, title: 'The route does not take this method' },
  conflict: { status: 409, title: 'The current state does not allow the request' },
  run_in_progress: { status: 409, title: 'The run is still being generated' },
  lease_lost: { status: 409, title: 'Another worker has taken over the run' },
  cancelled: { status: 409, title: 'The run was cancelled' },
  gone: { status: 410, title: 'The resource was deleted' },
  body_too_large: { status: 413, title: 'The body is too large' },
  prompt_too_large: { status: 413, title: 'The prompt is too large' },
  fields_too_large: { status: 413, title: 'stop, response_format and extra_body are too large' },
  file_too_large: { status: 413, title: 'The file is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used with another body' },
  rate_limited: { status: 429, title: 'The model server is limiting requests' },
  insufficient_quota: { status: 429, title: 'The account at the model server has no quota left' },
  over_budget: { status: 429, title: 'The daily budget does not cover the request' },
  too_many_requests: { status: 429, title: 'The caller sends more requests a second than it may' },
  too_many_runs: { status: 429, title: 'The caller has as many runs in flight as it may' },
  too_many_exports: { status: 429, title: 'The caller has as many exports under way as it may' },
  internal: { status: 500, title: 'An unexpected error occurred' },
  configuration: { status: 500, title: 'The deployment is not configured correctly' },
  response_too_large: { status: 500, title: 'The response is larger than the gateway allows' },
  embedding_model_not_found: {
    status: 500,
    title: 'The embeddings server does not have the configured model',
  },
  embeddings_key_refused: { status: 500, title: 'The embeddings server refuses the configured key' },
  no_embeddings: { status: 500, title: 'The embeddings server has no embeddings route' },
  pinecone_key_refused: { status: 500, title: 'Pinecone refuses the configured key' },
  index_dimension_mismatch: { status: 500, title: 'The index and the embeddings have different dimensions' },
  index_metric_mismatch: { status: 500, title: 'The index has the wrong metric' },
  index_unusable: { status: 500, title: 'The index cannot be used' },
  upstream_error: { status: 502, title: 'An upstream service failed' },
  unreachable: { status: 502, title: 'An upstream service cannot be reached' },
  invalid_embedding: { status: 502, title: 'The embeddings server returned an invalid embedding' },
  index_gone: { status: 502, title: 'The index is no longer at its known address' },
  index_not_ready: { status: 502, title: 'The index is not ready' },
  invalid_request: { status: 502, title: 'The model server refused the request' },
  model_not_found: { status: 502, title: 'The model server does not have this model' },
  incomplete_output: { status: 502, title: 'The output ended before it was complete' },
  unreadable_output: { status: 502, title: "The model server's answer cannot be read" },
  attempts_exhausted: { status: 502, title: 'The run has used up its attempts' },
  index_refused: { status: 502, title: 'The index or the embeddings server refused the outputs' },
  relay_overflow: { status: 503, title: 'The client read the stream too slowly' },
  timeout: { status: 504, title: 'An upstream service did not respond in time' },
  first_token_timeout: { status: 504, title: 'The first token took too long' },
  idle_timeout: { status: 504, title: 'The model server stopped sending' },
  total_timeout: { status: 504, title: 'The output took too long' },
  wait_timeout: { status: 504, title: 'The run is not finished within the wait time' },
  // Errors of the gateway itself, for requests that never reach a function (infra/gateway.yml).
  gateway_throttled: { status: 429, title: 'The gateway is limiting requests' },
  gateway_refused: { status: 400, title: 'The gateway refused the request' },
  gateway_failed: { status: 502, title: 'The gateway got no valid response' },
} as const satisfies Record<string, ProblemCode>;

/** Status and title of a code; `undefined` when it is not listed. */
export const problemCode = (code: string): ProblemCode | undefined =>
  Object.hasOwn(PROBLEM_CODES, code) ? PROBLEM_CODES[code as keyof typeof PROBLEM_CODES] : undefined;

/** Builds a problem from its code. `status` overrides the listed one; without either it is 500. */
export const makeProblem = (
  code: string,
  detail: string,
  { status, ...members }: { status?: number; errors?: InputIssue[]; run?: RunView } = {},
): Problem => {
  const listed = problemCode(code);
  return {
    type: `urn:everytoken:problem:${code}`,
    title: listed?.title ?? 'The request failed',
    status: status ?? listed?.status ?? 500,
    detail,
    code,
    ...members,
  };
};

/**
 * Maps an error to its HTTP answer; no other place does. An error that everytoken did not throw becomes a 500 without
 * its message, which might contain internals.
 *
 * @example
 * problemOf(new NotFoundError('there is no run run_1')).problem.status; // 404
 */
export const problemOf = (error: unknown): ProblemAnswer => {
  if (!(error instanceof EverytokenError)) {
    return {
      problem: makeProblem('internal', 'an unexpected error occurred and was logged; try again'),
      headers: {},
    };
  }
  return {
    problem: makeProblem(error.code, error.message, {
      status: problemCode(error.code)?.status ?? statusOfKind(error),
      ...(error instanceof InvalidInputError ? { errors: error.issues } : {}),
    }),
    headers: headersOf(error),
    ...(error instanceof AccessError && error.isValid && { isKeyValid: true }),
  };
};

const statusOfKind = (error: EverytokenError): number => {
  if (error instanceof InvalidInputError) return 400;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof ConflictError) return 409;
  if (error instanceof ConfigurationError) return 500;
  if (error instanceof DeadlineError) return 504;
  if (error instanceof UpstreamError || error instanceof IncompleteOutputError) return 502;
  return 500;
};

const headersOf = (error: EverytokenError): Record<string, string> => {
  if (error.code === 'unauthorized') return { 'www-authenticate': 'Bearer realm="everytoken"' };
  const isLimited =
    error instanceof UpstreamError || error instanceof OverBudgetError || error instanceof LimitError;
  if (isLimited && error.retryAfterMs !== undefined) {
    return { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) };
  }
  return {};
};

export const problemResponse = ({ problem, headers }: ProblemAnswer): Response =>
  new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': PROBLEM_TYPE, ...headers },
  });
