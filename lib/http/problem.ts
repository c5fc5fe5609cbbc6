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
import type { RunView } from '../runs/view.ts';
import { problemCode } from './problem-codes.ts';

/** An error as RFC 9457 has it. `code` is published, `errors` names wrong input, `run` is the run that failed. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: InputIssue[];
  run?: RunView;
};

/** A problem and the headers that belong to it. */
export type ProblemAnswer = { problem: Problem; headers: Record<string, string> };

export const PROBLEM_TYPE = 'application/problem+json';

/** A problem by its code; `status` stands for codes that are not in the published list. */
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

/** The one mapping from errors to HTTP. What nobody recognises becomes a 500 that says nothing of its cause. */
export const problemOf = (error: unknown): ProblemAnswer => {
  if (!(error instanceof EverytokenError)) {
    return { problem: makeProblem('internal', 'an unexpected error; it has been logged'), headers: {} };
  }
  return {
    problem: makeProblem(error.code, error.message, {
      status: problemCode(error.code)?.status ?? statusOfKind(error),
      ...(error instanceof InvalidInputError ? { errors: error.issues } : {}),
    }),
    headers: headersOf(error),
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
  const isLimited = error instanceof UpstreamError || error instanceof OverBudgetError;
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
