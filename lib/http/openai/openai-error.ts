import type * as z from 'zod';
import type { Problem, ProblemAnswer } from '../problem.ts';
import type { openaiErrorSchema } from './chat-schemas.ts';

/** An error as OpenAI's API has it. `param` is the field that is wrong, dotted; `code` is one of our problem codes. */
export type OpenAIError = z.infer<typeof openaiErrorSchema>;

/** Where OpenAI's API has another status than ours: its SDKs choose the class of an error by it. */
const STATUSES = new Map([
  ['forbidden', 401],
  ['model_not_found', 404],
  ['invalid_request', 400],
]);

const statusOf = ({ code, status }: Problem): number => STATUSES.get(code) ?? status;

/** Nothing better comes of sending these again by itself: their run goes on, or their time is long. */
const FINAL = ['wait_timeout', 'lease_lost', 'cancelled', 'conflict', 'over_budget'];

export const openaiErrorOf = (problem: Problem): OpenAIError => ({
  error: {
    message: problem.detail,
    type: typeOf(problem.code, statusOf(problem)),
    param: problem.errors?.[0]?.path || null,
    code: problem.code === 'forbidden' ? 'invalid_api_key' : problem.code,
  },
});

const typeOf = (code: string, status: number): string => {
  if (code === 'insufficient_quota') return code;
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
};

/**
 * A problem as a client of OpenAI's API knows it. Such clients try 408, 409, 429 and 5xx again by themselves; a run
 * that has failed had all its tries, so `x-should-retry` keeps them from paying for another one.
 */
export const openaiErrorResponse = ({ problem, headers }: ProblemAnswer): Response =>
  Response.json(openaiErrorOf(problem), {
    status: statusOf(problem),
    headers: {
      ...headers,
      ...(problem.run || FINAL.includes(problem.code) ? { 'x-should-retry': 'false' } : {}),
    },
  });
