import { Pinecone } from '@pinecone-database/pinecone';
import { ConfigurationError, type EverytokenError, UpstreamError } from '../../errors.ts';
import { retryAfterMs, withoutPrompt } from '../upstream.ts';

export type PineconeAccess = {
  apiKey: string;
  /** URL of the control plane; Pinecone's own when left out. */
  controllerHost?: string | undefined;
  /** Timeout for one request, including its response body; 20 s when left out. */
  timeoutMs?: number;
};

/** The SDK's client, without retries. Pass its errors to `unwrapPineconeError`. */
export const makePineconeClient = ({
  apiKey,
  controllerHost,
  timeoutMs = 20_000,
}: PineconeAccess): Pinecone =>
  new Pinecone({
    apiKey,
    maxRetries: 0,
    fetchApi: makePineconeFetch(timeoutMs),
    ...(controllerHost ? { controllerHostUrl: controllerHost } : {}),
  });

/** Statuses for which `new Response` refuses a body. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/**
 * A fetch for Pinecone's SDK, which has no timeout of its own and whose errors lose the status and Retry-After. This
 * fetch applies the timeout, including the response body, and throws our error for every response but a success. The
 * error passes through the SDK as a `cause`, where `unwrapPineconeError` finds it.
 */
const makePineconeFetch =
  (timeoutMs: number) =>
  async (url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> => {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      const body = await response.arrayBuffer();
      if (!response.ok) throw refusal(response, Buffer.from(body).toString(), textsSentIn(init));
      return new Response(WITHOUT_BODY.has(response.status) ? null : body, {
        status: response.status,
        headers: response.headers,
      });
    } catch (error) {
      // A plain Error wraps ours, because the SDK replaces errors that have a `status` of 500 or more.
      throw new Error('the request to Pinecone failed', { cause: isOurs(error) ? error : outage(error) });
    }
  };

/**
 * Extracts our error from an error of the SDK, and makes an `UpstreamError` of a response that the SDK could not parse.
 * Returns any other error, such as one for a wrong argument, unchanged.
 */
export const unwrapPineconeError = (error: unknown): unknown => {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (isOurs(inner)) return inner;
    if (inner instanceof SyntaxError)
      return new UpstreamError('pinecone', 'Pinecone answered with a body that is not JSON', {
        cause: inner,
      });
  }
  return error;
};

const isOurs = (error: unknown): error is EverytokenError =>
  error instanceof UpstreamError || error instanceof ConfigurationError;

const outage = (cause: unknown): UpstreamError =>
  cause instanceof Error && cause.name === 'TimeoutError'
    ? new UpstreamError('pinecone', 'Pinecone did not answer in time', { code: 'timeout', cause })
    : new UpstreamError('pinecone', 'Pinecone cannot be reached', { code: 'unreachable', cause });

/** The texts of a request that an error message must not repeat: its API key and every string in its body. */
const textsSentIn = (init: RequestInit | undefined): string[] => {
  const key = new Headers(init?.headers).get('api-key') ?? '';
  if (typeof init?.body !== 'string') return [key];
  const texts: string[] = [];
  JSON.parse(init.body, (_, value) => {
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return [key, ...texts];
};

const refusal = ({ status, headers }: Response, body: string, sent: string[]): EverytokenError => {
  const message = withoutPrompt(messageIn(body), sent);
  if (status === 401 || status === 403) {
    const refused = `Pinecone refused the API key or its access (${status})`;
    const remedy = 'set PINECONE_API_KEY to a key with access';
    return new ConfigurationError(`${refused}: ${message}; ${remedy}`, {
      ownWords: `${refused}; ${remedy}`,
      code: 'pinecone_key_refused',
    });
  }
  return new UpstreamError('pinecone', `Pinecone answered ${status}: ${message}`, {
    ownWords: `Pinecone answered ${status}`,
    code: status === 429 ? 'rate_limited' : 'upstream_error',
    retryable: status === 408 || status === 429 || status >= 500,
    status,
    retryAfterMs: retryAfterMs(headers, Date.now()),
  });
};

/** The message in an error body of the control or data plane, else the body itself. */
const messageIn = (body: string): string => {
  try {
    const { error, message } = JSON.parse(body) as { error?: { message?: unknown }; message?: unknown };
    const found = error?.message ?? message;
    if (typeof found === 'string') return found;
  } catch {
    // Not JSON: Pinecone answers a 401 in plain text.
  }
  return body || 'no reason given';
};

export const statusOf = (error: unknown): number | undefined =>
  error instanceof UpstreamError ? error.status : undefined;
