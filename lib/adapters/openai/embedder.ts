import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { ConfigurationError, EverytokenError, UpstreamError } from '../../errors.ts';
import type { Embedder } from '../../vectors/ports.ts';
import { RETRY_LIMITS, type RetryLimits, retryAfterMs, retryUpstream } from '../upstream.ts';

export type OpenAIEmbedderOptions = {
  apiKey: string;
  /** OpenAI's own address when left out. */
  baseUrl?: string | undefined;
  model: string;
  dimensions: number;
  /** For one request, its body included. */
  timeoutMs?: number;
  retry?: Partial<RetryLimits>;
};

/** Models that shorten their vectors to `dimensions`; the others answer 400 to the field. */
const TAKES_DIMENSIONS = /^(?:text-embedding-3-|everytoken-use)/;

/**
 * Embeddings from OpenAI or a server that speaks its API, through the official SDK. Tries again after 429, 5xx and
 * network errors, within its deadline. Throws `ConfigurationError` for a refused key, an unknown model and a server
 * without embeddings; `UpstreamError` (service `embeddings`) with the status for all else.
 */
export const makeOpenAIEmbedder = (options: OpenAIEmbedderOptions): Embedder => {
  const { apiKey, baseUrl, model, dimensions, timeoutMs = 30_000 } = options;
  const limits = { ...RETRY_LIMITS, ...options.retry };
  const client = new OpenAI({
    apiKey,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off', // whatever OPENAI_LOG says: what is printed is ours to choose
    ...(baseUrl ? { baseURL: baseUrl } : {}),
  });
  const request = async (input: string[], signal: AbortSignal) => {
    try {
      // base64 is a quarter of the JSON numbers' size; a server that ignores the field is understood as well.
      const { data, usage } = await client.embeddings.create(
        { model, input, encoding_format: 'base64', ...(TAKES_DIMENSIONS.test(model) ? { dimensions } : {}) },
        { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
      );
      return { vectors: inOrder(data, input.length), tokens: usage?.prompt_tokens ?? null };
    } catch (error) {
      throw translate(error, { model, server: new URL(client.baseURL).origin });
    }
  };
  return {
    model,
    dimensions,
    embed: (texts, signal) => retryUpstream((untilThen) => request(texts, untilThen), limits, signal),
  };
};

/** By `index`, as the API does not promise an order. */
const inOrder = (
  data: { index: number; embedding: unknown }[] | undefined,
  count: number,
): Float32Array[] => {
  const byIndex = new Map((data ?? []).map(({ index, embedding }) => [index, embedding]));
  if (byIndex.size !== count) {
    throw new UpstreamError(
      'embeddings',
      `the embeddings server answered ${count} texts with ${byIndex.size} vectors`,
    );
  }
  return Array.from({ length: count }, (_, index) => toVector(byIndex.get(index)));
};

/** A value that is no number becomes NaN, never 0: whoever checks the vector must see it. */
const toVector = (embedding: unknown): Float32Array => {
  if (Array.isArray(embedding))
    return Float32Array.from(embedding, (value) => (typeof value === 'number' ? value : NaN));
  const bytes = Buffer.from(typeof embedding === 'string' ? embedding : '', 'base64');
  // Little-endian by the API's definition, wherever this runs.
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4));
};

type Asked = { model: string; server: string };

const translate = (cause: unknown, asked: Asked): unknown => {
  if (cause instanceof EverytokenError) return cause;
  if (cause instanceof APIConnectionTimeoutError || cause instanceof APIUserAbortError || isAbort(cause)) {
    return new UpstreamError('embeddings', 'the embeddings server did not answer in time', {
      code: 'timeout',
      cause,
    });
  }
  if (cause instanceof APIConnectionError) {
    return new UpstreamError('embeddings', `the embeddings server at ${asked.server} cannot be reached`, {
      code: 'unreachable',
      cause,
    });
  }
  if (cause instanceof APIError && cause.status !== undefined) return refusal(cause, cause.status, asked);
  // The SDK gives up on a body that is cut or is not JSON with an error of neither kind.
  return new UpstreamError(
    'embeddings',
    'the embeddings server answered with something that is not an embeddings list',
    {
      cause,
    },
  );
};

const refusal = (cause: APIError, status: number, { model, server }: Asked): EverytokenError => {
  if (status === 401 || status === 403) {
    return new ConfigurationError(
      `the embeddings server at ${server} refused the key (${status}); set EMBEDDING_API_KEY or OPENAI_API_KEY`,
      { code: 'embeddings_key_refused', cause },
    );
  }
  if (cause.code === 'model_not_found' || (status === 404 && /\bmodel\b/i.test(cause.message))) {
    return new ConfigurationError(
      `the embeddings server at ${server} does not have the model ${model}; set EMBEDDING_MODEL to one it has`,
      { code: 'embedding_model_not_found', cause },
    );
  }
  if (hasNoEmbeddings(status, cause.message)) {
    return new ConfigurationError(
      `the server at ${server} has no embeddings (${status}); set EMBEDDING_BASE_URL to one that has`,
      { code: 'no_embeddings', cause },
    );
  }
  if (cause.code === 'insufficient_quota') {
    return new UpstreamError('embeddings', 'the embeddings account has no quota left', {
      code: 'insufficient_quota',
      retryable: false,
      status,
      cause,
    });
  }
  return new UpstreamError('embeddings', `the embeddings server answered ${status}`, {
    code: status === 429 ? 'rate_limited' : 'upstream_error',
    retryable: status === 408 || status === 409 || status === 429 || status >= 500,
    status,
    retryAfterMs: retryAfterMs(cause.headers, Date.now()),
    cause,
  });
};

/** No such route, or (llama.cpp's server, vLLM) a route that says the loaded model cannot. */
const hasNoEmbeddings = (status: number, message: string): boolean =>
  status === 404 ||
  status === 405 ||
  status === 501 ||
  (status === 400 && /not support (?:the )?embedding/i.test(message));

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
