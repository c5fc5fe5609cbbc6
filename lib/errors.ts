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

/** The same error with the paths of another place, such as the client's own body. */
export const withPaths = (
  { issues, code, more, cause }: InvalidInputError,
  pathOf: (path: string) => string,
): InvalidInputError =>
  new InvalidInputError(
    issues.map(({ path, message }) => ({ path: pathOf(path), message })),
    { code, more, cause },
  );

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

/** The names in a server's own error: its code, and the field of the request that it is about. */
export type ServerNames = { server_code?: string; param?: string };

/**
 * An external service returned an error or did not respond. `status` is its HTTP status, undefined without a response;
 * `retryAfterMs` is the wait that it asked for, undefined when it asked for none.
 */
export class UpstreamError extends EverytokenError {
  override readonly name: string = 'UpstreamError';
  readonly service: UpstreamService;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly named: ServerNames;

  constructor(
    service: UpstreamService,
    message: string,
    {
      code = 'upstream_error',
      retryable = true,
      status,
      retryAfterMs,
      named = {},
      ...options
    }: ErrorOptions & {
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      named?: ServerNames;
    } = {},
  ) {
    super(message, { code, retryable, ...options });
    this.service = service;
    this.named = named;
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

/** Converts Zod's issues, in our own words; each unknown field becomes an issue of its own. */
export const issuesOf = (error: z.ZodError): InputIssue[] =>
  error.issues.flatMap((issue): InputIssue[] => {
    const path = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a known field' }))
      : [{ path, message: messageOf(issue) }];
  });

/** Zod's default messages begin so; messages that a schema gives itself do not. */
const DEFAULT_MESSAGE = /^(Invalid|Too|Unrecognized) /;

/**
 * Says what a value must be, as the rest of a sentence that begins with its path. Messages that a schema gives stay as
 * they are; Zod's own would read "Too small: expected string to have >=1 characters".
 *
 * @example
 * messageOf({ code: 'too_small', origin: 'string', minimum: 1, … }) // 'must have at least 1 character'
 */
export const messageOf = (issue: z.core.$ZodIssue): string => {
  if (!isDefault(issue)) return issue.message;
  switch (issue.code) {
    case 'invalid_type': {
      const what = TYPES.get(issue.expected) ?? `a value of type ${issue.expected}`;
      return issue.message.endsWith('received undefined')
        ? `is missing; it must be ${what}`
        : `must be ${what}`;
    }
    case 'invalid_value':
      return oneOf(issue.values);
    case 'too_small':
      return sized(issue.origin, issue.minimum, issue.exact ? EXACTLY : issue.inclusive ? AT_LEAST : ABOVE);
    case 'too_big':
      return sized(issue.origin, issue.maximum, issue.exact ? EXACTLY : issue.inclusive ? AT_MOST : BELOW);
    case 'invalid_format':
      return formatMessage(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return unionMessage(issue);
    case 'invalid_key': {
      const [first] = issue.issues;
      return first && !isDefault(first)
        ? first.message
        : `is not allowed as a name: it ${firstOf(issue.issues)}`;
    }
    case 'invalid_element':
      return `has a value that is not allowed; each ${firstOf(issue.issues)}`;
    case 'unrecognized_keys':
      return `has fields that are not known: ${issue.keys.join(', ')}`;
    default:
      return 'is not valid';
  }
};

const isDefault = ({ message }: z.core.$ZodIssue): boolean => DEFAULT_MESSAGE.test(message);

const firstOf = ([issue]: readonly z.core.$ZodIssue[]): string =>
  issue ? messageOf(issue) : 'must be valid';

const TYPES = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['tuple', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
  ['null', 'null'],
  ['date', 'a date'],
]);

const quoted = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));

const oneOf = (values: readonly unknown[]): string =>
  `must be ${values.length === 1 ? '' : 'one of '}${values.map(quoted).join(', ')}`;

/** How a size is bound, of something that has a length, and of a number. */
type Bound = { has: string; is: string };
const EXACTLY: Bound = { has: 'exactly', is: 'exactly' };
const AT_LEAST: Bound = { has: 'at least', is: 'at least' };
const AT_MOST: Bound = { has: 'at most', is: 'at most' };
const ABOVE: Bound = { has: 'more than', is: 'greater than' };
const BELOW: Bound = { has: 'fewer than', is: 'less than' };

const UNITS = new Map([
  ['string', 'character'],
  ['array', 'item'],
  ['tuple', 'item'],
  ['set', 'item'],
  ['map', 'entry'],
  ['record', 'field'],
  ['object', 'field'],
  ['file', 'byte'],
]);

const sized = (origin: string, size: number | bigint, { has, is }: Bound): string => {
  const unit = UNITS.get(origin);
  if (unit === undefined) return `must be ${is} ${size}`;
  const plural = unit.endsWith('y') ? `${unit.slice(0, -1)}ies` : `${unit}s`;
  return `must have ${has} ${size} ${Number(size) === 1 ? unit : plural}`;
};

const FORMATS = new Map([
  ['url', 'a URL, such as https://example.com/path'],
  ['email', 'an e-mail address'],
  ['uuid', 'a UUID'],
  ['guid', 'a UUID'],
  ['datetime', 'an instant in ISO 8601, such as 2026-11-22T13:00:00Z'],
  ['date', 'a date in ISO 8601, such as 2026-11-22'],
  ['time', 'a time in ISO 8601, such as 13:00:00'],
  ['duration', 'a duration in ISO 8601, such as PT5M'],
  ['base64', 'base64'],
  ['base64url', 'base64url'],
  ['json_string', 'JSON'],
  ['safeint', 'a whole number from -(2^53 - 1) to 2^53 - 1'],
]);

type FormatIssue = z.core.$ZodIssueInvalidStringFormat & {
  prefix?: string;
  suffix?: string;
  includes?: string;
};

const formatMessage = ({ format, pattern, prefix, suffix, includes }: FormatIssue): string => {
  if (prefix !== undefined) return `must start with ${quoted(prefix)}`;
  if (suffix !== undefined) return `must end with ${quoted(suffix)}`;
  if (includes !== undefined) return `must contain ${quoted(includes)}`;
  if (format === 'regex') return `must match the pattern ${pattern}`;
  return `must be ${FORMATS.get(format) ?? `of the format ${format}`}`;
};

/** By its options where a field chooses one of them, else by what each form of the value would have to be. */
const unionMessage = (issue: z.core.$ZodIssueInvalidUnion): string => {
  if (issue.inclusive === false) return 'fits several of the allowed forms; it must fit one alone';
  if (issue.options !== undefined && issue.options.length > 0) return oneOf(issue.options);
  const forms = issue.errors.flatMap(([first]) =>
    first && first.path.length === 0 ? [messageOf(first)] : [],
  );
  return forms.length === issue.errors.length && forms.length > 0
    ? [...new Set(forms)].join(', or ')
    : 'has none of the allowed forms; openapi.json describes them';
};
