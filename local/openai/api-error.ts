import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An error answer in OpenAI's shape, `{"error": {message, type, param, code}}`, with its HTTP status. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly param: string | null;
  readonly code: string | null;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    param: string | null = null,
    code: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.param = param;
    this.code = code;
  }

  get body() {
    const type = this.status >= 500 ? 'server_error' : 'invalid_request_error';
    return { error: { message: this.message, type, param: this.param, code: this.code } };
  }
}

const articled = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  return typeof value;
};

export const wrongType = (param: string, expected: string, value: unknown): ApiError => {
  const found = kindOf(value) === 'null' ? 'null' : articled(kindOf(value));
  const message = `Invalid type for '${param}': expected ${articled(expected)}, but got ${found} instead.`;
  return new ApiError(400, message, param, 'invalid_type');
};

export const wrongValue = (param: string, message: string): ApiError =>
  new ApiError(400, message, param, 'invalid_value');

export const missing = (param: string): ApiError =>
  new ApiError(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
