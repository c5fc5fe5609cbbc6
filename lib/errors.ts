import type * as z from 'zod';

/** A place in the input and what is wrong there. `path` is dotted, as the caller wrote it: `settings.0.top_p`. */
export type InputIssue = { path: string; message: string };

export type ErrorOptions = { code?: string; retryable?: boolean; cause?: unknown };

/**
 * What everytoken throws on purpose. `code` is published (openapi.json lists all of them), `retryable` says
 * whether the same call can succeed later, `message` is for people and never holds a secret, a prompt or an output.
 */
export class EverytokenError extends Error {
  // Spelt out, since bundles have their classes renamed.
  override readonly name: string = 'EverytokenError';
  readonly code: string;
  readonly retryable: boolean;

  constructor(
    message: string,
    { code, retryable, cause }: Required<Omit<ErrorOptions, 'cause'>> & ErrorOptions,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
  }
}

/** The caller's input is wrong; `issues` names every place at once. */
export class InvalidInputError extends EverytokenError {
  override readonly name: string = 'InvalidInputError';
  readonly issues: InputIssue[];

  constructor(issues: InputIssue[], { code = 'invalid_input', ...options }: ErrorOptions = {}) {
    super(issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; '), {
      code,
      retryable: false,
      ...options,
    });
    this.issues = issues;
  }
}

/** It does not exist for this caller (`not_found`), or did and was deleted (`gone`). */
export class NotFoundError extends EverytokenError {
  override readonly name: string = 'NotFoundError';
  constructor(message: string, { code = 'not_found', retryable = false, ...options }: ErrorOptions = {}) {
    super(message, { code, retryable, ...options });
  }
}

/** The state does not allow it: `idempotency_key_reused` (422), `run_in_progress` (409), `lease_lost`. */
export class ConflictError extends EverytokenError {
  override readonly name: string = 'ConflictError';
  constructor(message: string, { code = 'conflict', retryable = false, ...options }: ErrorOptions = {}) {
    super(message, { code, retryable, ...options });
  }
}

/** Something the operator has to put right: a missing variable, a wrong key, an index of another dimension. */
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
 * An outside service answered with an error or not at all. `status` is its HTTP status where there was one;
 * `retryAfterMs` is what it asked for.
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

/** The caller's budget of the day does not hold what was asked for; `retryAfterMs` is the time until the next day. */
export class OverBudgetError extends EverytokenError {
  override readonly name: string = 'OverBudgetError';
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs }: { retryAfterMs: number }) {
    super(message, { code: 'over_budget', retryable: true });
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

/** The stream ended without a finish reason, so its text may be short; it is never published. */
export class IncompleteOutputError extends EverytokenError {
  override readonly name: string = 'IncompleteOutputError';
  constructor(
    message: string,
    { code = 'incomplete_output', retryable = true, ...options }: ErrorOptions = {},
  ) {
    super(message, { code, retryable, ...options });
  }
}

/** The code that stands for an error in records and events: its own, or `internal` for what nobody recognises. */
export const codeOf = (error: unknown): string =>
  error instanceof EverytokenError ? error.code : 'internal';

/** Whether trying again can help; what nobody recognises may be a passing fault. */
export const isRetryable = (error: unknown): boolean =>
  !(error instanceof EverytokenError) || error.retryable;

/** Zod's issues in our words: one a place, unknown fields by their own names. */
export const issuesOf = (error: z.ZodError): InputIssue[] =>
  error.issues.flatMap((issue): InputIssue[] => {
    const path = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a known field' }))
      : [{ path, message: issue.message }];
  });
