import type * as z from 'zod';

/** One problem of the input. `path` is dotted, in the caller's own field names: `settings.0.top_p`; '' is the whole. */
export type InputIssue = { path: string; message: string };

export type ErrorOptions = { code?: string; retryable?: boolean; cause?: unknown; ownWords?: string };

/** Bounds of what one error tells: problems, and characters of a problem's path and of its message. */
const MAX_ISSUES = 20;
const MAX_PATH = 200;
const MAX_MESSAGE = 500;

/**
 * Base class of every error that everytoken throws on purpose. `code` is stable; codes of HTTP answers are listed in
 * openapi.json. `retryable` tells whether the same call can succeed later. `message` is for people and never contains
 * a secret, a prompt or an output.
 *
 * `ownWords` is the message as logs, items and events may hold it: without the words of a server, which can quote a
 * prompt in a form that nobody recognises. Left out, the whole message is our own.
 */
export class EverytokenError extends Error {
  // Set explicitly: the bundler's minifier renames classes.
  override readonly name: string = 'EverytokenError';
  readonly code: string;
  readonly retryable: boolean;
  readonly ownWords: string;

  constructor(
    message: string,
    {
      code,
      retryable,
      cause,
      ownWords = message,
    }: Required<Pick<ErrorOptions, 'code' | 'retryable'>> & ErrorOptions,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    this.ownWords = ownWords;
  }
}

/**
 * The caller's input is invalid. `issues` lists its problems at once, 20 at most, and `more` counts those beyond: a
 * body of a few bytes a problem would otherwise get an answer many times its size. Long paths and messages are cut for
 * the same reason, since they quote the names of fields. To change the issues of an error, pass its `more` on.
 */
export class InvalidInputError extends EverytokenError {
  override readonly name: string = 'InvalidInputError';
  readonly issues: InputIssue[];
  readonly more: number;

  constructor(
    all: InputIssue[],
    { code = 'invalid_input', more: others = 0, ...options }: ErrorOptions & { more?: number } = {},
  ) {
    const more = others + Math.max(0, all.length - MAX_ISSUES);
    const issues = all.slice(0, MAX_ISSUES).map(({ path, message }) => ({
      path: cutText(path, MAX_PATH),
      message: cutText(message, MAX_MESSAGE),
    }));
    const told = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    super([...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; '), {
      code,
      retryable: false,
      ...options,
    });
    this.issues = issues;
    this.more = more;
  }
}

/** The first `most` characters of a text, with an ellipsis where more follow. */
export const cutText = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;

/** The resource does not exist for this caller (`not_found`) or was deleted (`gone`). */
export class NotFoundError extends EverytokenError {
  override readonly name: string = 'NotFoundError';
  constructor(message: string, { code = 'not_found', retryable = false, ...options }: ErrorOptions = {}) {
    super(message, { code, retryable, ...options });
  }
}

/** The current state does not allow the operation: `idempotency_key_reused` (422), `lease_lost` (409). */
export class ConflictError extends EverytokenError {
  override readonly name: string = 'ConflictError';
  constructor(message: string, { code = 'conflict', retryable = false, ...options }: ErrorOptions = {}) {
    super(message, { code, retryable, ...options });
  }
}

/** The operator must fix the deployment: a missing variable, a wrong key, an index of the wrong dimension. */
export class ConfigurationError extends EverytokenError {
  override readonly name: string = 'ConfigurationError';
  constructor(message: string, { code = 'configuration', retryable = false, ...options }: ErrorOptions = {}) {
    super(message, { code, retryable, ...options });
  }
}

export type UpstreamService =
  | 'openai'
  | 'embeddings'
  | 'pinecone'
  | 'dynamodb'
  | 's3'
  | 'sqs'
  | 'events'
  | 'ssm';

/**
 * An external service returned an error or did not respond. `status` is its HTTP status, undefined without a response;
 * `retryAfterMs` is the wait that it asked for, undefined when it asked for none.
 */
export class UpstreamError extends EverytokenError {
  override readonly name: string = 'UpstreamError';
  readonly service: UpstreamService;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    service: UpstreamService,
    message: string,
    {
      code = 'upstream_error',
      retryable = true,
      status,
      retryAfterMs,
      ...options
    }: ErrorOptions & { status?: number | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, { code, retryable, ...options });
    this.service = service;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether an HTTP status is that of a gateway, which does not know how far the server behind it has come. */
export const isOfGateway = (status: number): boolean => [408, 502, 504].includes(status) || status >= 520;

/**
 * The caller's daily budget does not cover the request (`over_budget`); `retryAfterMs` is the time until the next UTC
 * day. Not `retryable` when a whole day's budget would not cover it, or its prompt file's does not (`max_cost_reached`).
 */
export class OverBudgetError extends EverytokenError {
  override readonly name: string = 'OverBudgetError';
  readonly retryAfterMs: number;

  constructor(
    message: string,
    {
      retryAfterMs,
      code = 'over_budget',
      retryable = true,
    }: { retryAfterMs: number; code?: 'over_budget' | 'max_cost_reached'; retryable?: boolean },
  ) {
    super(message, { code, retryable });
    this.retryAfterMs = retryAfterMs;
  }
}

/** A deadline passed: `first_token_timeout`, `idle_timeout`, `total_timeout`, `wait_timeout`. */
export class DeadlineError extends EverytokenError {
  override readonly name: string = 'DeadlineError';
  constructor(message: string, { code = 'total_timeout', retryable = true, ...options }: ErrorOptions = {}) {
    super(message, { code, retryable, ...options });
  }
}

/** The stream ended without a finish reason, so its text may be truncated; such a text is never published. */
export class IncompleteOutputError extends EverytokenError {
  override readonly name: string = 'IncompleteOutputError';
  constructor(
    message: string,
    { code = 'incomplete_output', retryable = true, ...options }: ErrorOptions = {},
  ) {
    super(message, { code, retryable, ...options });
  }
}

/** The code of an error in records and events; `internal` for errors that everytoken did not throw. */
export const codeOf = (error: unknown): string =>
  error instanceof EverytokenError ? error.code : 'internal';

/** Whether a retry can succeed. Unknown errors count as retryable: they may be transient. */
export const isRetryable = (error: unknown): boolean =>
  !(error instanceof EverytokenError) || error.retryable;

/** Converts Zod's issues; each unknown field becomes an issue of its own. */
export const issuesOf = (error: z.ZodError): InputIssue[] =>
  error.issues.flatMap((issue): InputIssue[] => {
    const path = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a known field' }))
      : [{ path, message: issue.message }];
  });
