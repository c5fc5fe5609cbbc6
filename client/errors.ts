import type { Problem, ProblemCode, Run } from './api-types.ts';

/** All errors of this client. An abort is none of them: it throws the signal's own reason, as `fetch` does. */
export class EverytokenError extends Error {
  override readonly name: string = 'EverytokenError';
}

/** A code of the API, or of the model server for a run that failed there. */
export type ErrorCode = ProblemCode | (string & Record<never, never>);

/**
 * The API refused a request, or a run failed. `code` says why (docs/api.md has the remedy of each), `errors`
 * names the fields of invalid input, `run` is the run that failed.
 *
 * @example
 * if (error instanceof ApiError && error.code === 'over_budget') …
 */
export class ApiError extends EverytokenError {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ErrorCode;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly { path: string; message: string }[];
  readonly run: Run | undefined;
  /** The gateway's id of the request, for the operator. */
  readonly requestId: string | undefined;
  /** Milliseconds after which the API wants the request again, from Retry-After. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Partial<Problem> & { status: number }, headers: Headers = new Headers()) {
    const { status, code = `http_${status}`, title = 'The request failed', detail = title } = problem;
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.errors = problem.errors ?? [];
    this.run = problem.run;
    this.requestId = headers.get('x-amzn-requestid') ?? undefined;
    this.retryAfterMs = retryAfterOf(headers);
  }
}

/** No answer, or only a part of one: the connection failed. `runId` is the run that goes on without it, if known. */
export class ConnectionError extends EverytokenError {
  override readonly name = 'ConnectionError';
  readonly runId: string | undefined;

  constructor(message: string, { cause, runId }: { cause?: unknown; runId?: string | undefined } = {}) {
    super(message, { cause });
    this.runId = runId;
  }
}

/** The time that the caller allowed is over. A run that was begun goes on. */
export class TimeoutError extends EverytokenError {
  override readonly name = 'TimeoutError';
}

/** The object store refused the bytes of a file, or a result. */
export class StorageError extends EverytokenError {
  override readonly name = 'StorageError';
  readonly status: number;

  constructor(message: string, { status }: { status: number }) {
    super(message);
    this.status = status;
  }
}

const retryAfterOf = (headers: Headers): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

const isFieldError = (value: unknown): value is { path: string; message: string } => {
  const { path, message } = Object(value) as Record<string, unknown>;
  return typeof path === 'string' && typeof message === 'string';
};

/** The fields of a problem that have its types. A gateway's own answer has a `message` alone. */
const problemOf = (value: unknown): Partial<Problem> => {
  const { code, title, detail, message, errors, run } = Object(value) as Record<string, unknown>;
  const told = typeof detail === 'string' ? detail : message;
  return {
    ...(typeof code === 'string' && { code: code as ProblemCode }),
    ...(typeof title === 'string' && { title }),
    ...(typeof told === 'string' && { detail: told }),
    ...(Array.isArray(errors) && { errors: errors.filter(isFieldError) }),
    ...(typeof run === 'object' && run !== null && { run: run as Run }),
  };
};

/** The error of a refused request. An answer that is no problem document (a proxy's page) keeps its first words. */
export const errorOf = async (response: Response): Promise<ApiError> => {
  const { status, statusText, headers } = response;
  const text = await response.text();
  if (headers.get('content-type')?.includes('json')) {
    try {
      return new ApiError({ ...problemOf(JSON.parse(text)), status }, headers);
    } catch {
      // Not JSON after all.
    }
  }
  const title = statusText || 'The request failed';
  return new ApiError({ status, title, detail: text.trim().slice(0, 200) || title }, headers);
};
