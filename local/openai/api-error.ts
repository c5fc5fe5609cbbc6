import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An answer in OpenAI's error shape: `{"error": {message, type, param, code}}` with its HTTP status. */
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

/** 404 for a model that is not here, naming those that are. */
export const modelNotFound = (model: string, available: readonly string[]): ApiError =>
  new ApiError(
    404,
    `The model \`${model}\` does not exist here. This server has: ${available.join(', ')}.`,
    'model',
    'model_not_found',
  );
