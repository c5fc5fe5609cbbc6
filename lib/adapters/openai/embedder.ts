import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { ConfigurationError, EverytokenError, UpstreamError } from '../../errors.ts';
import type { Embedder, EmbeddingInput, EmbedInputsOptions, InputEmbedder } from '../../vectors/ports.ts';
import { RETRY_LIMITS, type RetryLimits, retryAfterMs, retryUpstream, withoutPrompt } from '../upstream.ts';
import { readRefused } from './refused.ts';

export type OpenAIEmbedderOptions = {
  apiKey: string;
  /** OpenAI's own URL when left out. */
  baseUrl?: string | undefined;
  model: string;
  dimensions: number;
  /** Timeout for one short text, including the response body; 30 s when left out. Longer input gets more time. */
  timeoutMs?: number;
  retry?: Partial<RetryLimits>;
};

/**
 * The time allowed for each byte of the texts, in ms, beyond the timeout. A model on a CPU needs about a third of it:
 * the local one took 12 s for 100 KB.
 */
const MS_PER_BYTE = 0.3;

/**
 * Models that accept `dimensions` (https://platform.openai.com/docs/api-reference/embeddings/create); other models
 * answer 400 to the field.
 */
const TAKES_DIMENSIONS = /^(?:text-embedding-3-|everytoken-use)/;

/**
 * Embeds texts with OpenAI or a compatible server, through the official SDK. Retries 429, 5xx and network errors within
 * its deadline.
 *
 * @throws {ConfigurationError} When the server refuses the key, does not have the model, or has no embeddings.
 * @throws {UpstreamError} Of the service `embeddings`, with the status if any, for every other failure.
 *
 * @example
 * const embedder = makeOpenAIEmbedder({ apiKey, model: 'text-embedding-3-small', dimensions: 1536 });
 * const { vectors, tokens } = await embedder.embed(['a text', 'another']);
 */
export const makeOpenAIEmbedder = (options: OpenAIEmbedderOptions): Embedder & InputEmbedder => {
  const { apiKey, baseUrl, model, dimensions, timeoutMs = 30_000 } = options;
  const limits = { ...RETRY_LIMITS, ...options.retry };
  const client = new OpenAI({
    apiKey,
    maxRetries: 0,
    logLevel: 'off', // overrides OPENAI_LOG, which would turn on the SDK's own logging
    ...(baseUrl ? { baseURL: baseUrl } : {}),
  });
  const request = async (
    input: EmbeddingInput[],
    { dimensions: wanted = dimensions, user }: EmbedInputsOptions,
    { ownTimeoutMs, signal }: { ownTimeoutMs: number; signal: AbortSignal },
  ) => {
    // Dimensions that are not the usual ones are always sent: a server that does not take them must say so.
    const saysDimensions = wanted !== dimensions || TAKES_DIMENSIONS.test(model);
    try {
      const { data, usage } = await client.embeddings.create(
        {
          model,
          // The SDK's type has lists of one kind alone, and a list of both is refused by the server.
          input: input as string[],
          // base64 is a quarter of the size of JSON numbers. `toVector` also reads the numbers of a server that ignores it.
          encoding_format: 'base64',
          ...(saysDimensions && { dimensions: wanted }),
          ...(user !== undefined && { user }),
        },
        { timeout: ownTimeoutMs, signal: AbortSignal.any([signal, AbortSignal.timeout(ownTimeoutMs)]) },
      );
      return { vectors: inOrder(data, input.length), tokens: usage?.prompt_tokens ?? null };
    } catch (error) {
      throw translate(error, { model, server: new URL(client.baseURL).origin, input });
    }
  };
  const embedInputs: InputEmbedder['embedInputs'] = (inputs, more = {}) => {
    const { around = (send) => send(), signal: outer } = more;
    const moreMs = Math.ceil(inputs.reduce((sum, input) => sum + bytesOf(input), 0) * MS_PER_BYTE);
    return retryUpstream(
      (signal) => around(() => request(inputs, more, { ownTimeoutMs: timeoutMs + moreMs, signal })),
      { ...limits, deadlineMs: limits.deadlineMs + moreMs },
      outer,
    );
  };
  return {
    model,
    dimensions,
    embed: (texts, signal) => embedInputs(texts, signal && { signal }),
    embedInputs,
  };
};

/** A token of text has some four bytes. */
const bytesOf = (input: EmbeddingInput): number =>
  typeof input === 'string' ? Buffer.byteLength(input) : input.length * 4;

/** Vectors sorted by `index`, because the API does not promise an order. */
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

/** Decodes a vector. A value that is not a number becomes NaN and never 0, so that a check of the vector finds it. */
const toVector = (embedding: unknown): Float32Array => {
  if (Array.isArray(embedding))
    return Float32Array.from(embedding, (value) => (typeof value === 'number' ? value : NaN));
  const bytes = Buffer.from(typeof embedding === 'string' ? embedding : '', 'base64');
  // The API defines the bytes as little-endian, which need not be this machine's order.
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4));
};

type Target = { model: string; server: string; input: EmbeddingInput[] };

const translate = (cause: unknown, target: Target): unknown => {
  if (cause instanceof EverytokenError) return cause;
  if (cause instanceof APIConnectionTimeoutError || cause instanceof APIUserAbortError || isAbort(cause)) {
    return new UpstreamError('embeddings', 'the embeddings server did not answer in time', {
      code: 'timeout',
      cause,
    });
  }
  if (cause instanceof APIConnectionError) {
    return new UpstreamError('embeddings', `the embeddings server at ${target.server} cannot be reached`, {
      code: 'unreachable',
      cause,
    });
  }
  if (cause instanceof APIError && cause.status !== undefined) return refusal(cause, cause.status, target);
  // For a body that is cut off or not JSON, the SDK throws an error of another class.
  return new UpstreamError(
    'embeddings',
    'the embeddings server answered with something that is not an embeddings list',
    {
      cause,
    },
  );
};

const refusal = (cause: APIError, status: number, { model, server, input }: Target): EverytokenError => {
  const { refusesKey, isOutOfCredit, message } = readRefused(cause.error ?? cause.message, { status });
  if (refusesKey || status === 403) {
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
      `the server at ${server} has no embeddings (${status}); set EMBEDDING_BASE_URL to a server that has them`,
      { code: 'no_embeddings', cause },
    );
  }
  if (isOutOfCredit) {
    return new UpstreamError('embeddings', 'the embeddings account has no quota left', {
      code: 'insufficient_quota',
      retryable: false,
      status,
      cause,
    });
  }
  const ownWords = `the embeddings server answered ${status}`;
  const texts = input.filter((each) => typeof each === 'string');
  const said = status < 500 && message !== '' ? `: ${withoutPrompt(message, texts)}` : '';
  return new UpstreamError('embeddings', `${ownWords}${said}`, {
    ownWords,
    code: status === 429 ? 'rate_limited' : 'upstream_error',
    retryable: status === 408 || status === 409 || status === 429 || status >= 500,
    status,
    retryAfterMs: retryAfterMs(cause.headers, Date.now()),
    cause,
  });
};

/** Whether the server lacks the route, or (llama.cpp's server, vLLM) says that the loaded model cannot embed. */
const hasNoEmbeddings = (status: number, message: string): boolean =>
  status === 404 ||
  status === 405 ||
  status === 501 ||
  (status === 400 && /not support (?:the )?embedding/i.test(message));

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
