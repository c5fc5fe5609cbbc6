import type * as z from 'zod';
import type { Problem, ProblemAnswer } from '../problem.ts';
import type { openaiErrorSchema } from './chat-schemas.ts';

/** An error in OpenAI's format. `param` is the dotted path of the first wrong field; `code` is a problem code. */
export type OpenAIError = z.infer<typeof openaiErrorSchema>;

/** Statuses that differ from ours in OpenAI's API; its SDKs choose the error class by status. */
const STATUSES = new Map([
  ['forbidden', 401],
  ['model_not_found', 404],
  ['invalid_request', 400],
]);

const statusOf = ({ code, status }: Problem): number => STATUSES.get(code) ?? status;

/** Codes for which an automatic retry is useless: the run goes on, or the wait is long. */
const NOT_RETRIED = ['wait_timeout', 'lease_lost', 'cancelled', 'conflict', 'over_budget'];

/** The error of the model server behind a run that it refused: programs branch on its code and its field. */
const serverErrorOf = ({ code, run }: Problem) =>
  code === 'invalid_request' ? run?.generations.find(({ status }) => status === 'failed')?.error : undefined;

/** Maps a path of the request that a model server got to the path in the client's body. */
type PathOf = (path: string) => string;

export const openaiErrorOf = (problem: Problem, pathOf: PathOf = (path) => path): OpenAIError => {
  const server = serverErrorOf(problem);
  return {
    error: {
      message: problem.detail,
      type: typeOf(problem.code, statusOf(problem)),
      param: problem.errors?.[0]?.path || (server?.param ? pathOf(server.param) : null),
      code: problem.code === 'forbidden' ? 'invalid_api_key' : (server?.server_code ?? problem.code),
    },
  };
};

/** A valid key without this permission, as OpenAI's own API answers it with 403. */
const notPermitted = ({ detail }: Problem): OpenAIError => ({
  error: { message: detail, type: 'invalid_request_error', param: null, code: 'forbidden' },
});

const typeOf = (code: string, status: number): string => {
  if (code === 'insufficient_quota') return code;
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
};

/**
 * Converts a problem to OpenAI's format. OpenAI's SDKs retry 408, 409, 429 and 5xx by themselves. A failed run has used
 * all its attempts, so `x-should-retry: false` keeps them from paying for another run. `pathOf` maps the field that a
 * model server names to the client's.
 */
export const openaiErrorResponse = (
  { problem, headers, isKeyValid }: ProblemAnswer,
  pathOf?: PathOf,
): Response =>
  Response.json(isKeyValid ? notPermitted(problem) : openaiErrorOf(problem, pathOf), {
    status: isKeyValid ? problem.status : statusOf(problem),
    headers: {
      ...headers,
      ...(problem.run || NOT_RETRIED.includes(problem.code) ? { 'x-should-retry': 'false' } : {}),
    },
  });
