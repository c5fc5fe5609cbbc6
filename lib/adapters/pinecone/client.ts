import { Pinecone } from '@pinecone-database/pinecone';
import { ConfigurationError, type EverytokenError, UpstreamError } from '../../errors.ts';
import { retryAfterMs, withoutPrompt } from '../upstream.ts';

export type PineconeAccess = {
  apiKey: string;
  /** Pinecone's own control plane when left out. */
  controllerHost?: string | undefined;
  /** For one request, its body included. */
  timeoutMs?: number;
};

/** The SDK's client. It does not try again; its errors are ours after `unwrapPineconeError`. */
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

/** Statuses that may not have a body. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/**
 * A fetch for Pinecone's SDK, which has no time-out of its own and whose errors lose status and Retry-After: one
 * that ends a request that takes too long, its body included, and throws our error for every answer but a success.
 * It goes through the SDK as a `cause`; `unwrapPineconeError` finds it there.
 */
const makePineconeFetch =
  (timeoutMs: number) =>
  async (url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> => {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      const body = await response.arrayBuffer();
      if (!response.ok) throw refusal(response, Buffer.from(body).toString(), sentBy(init));
      return new Response(WITHOUT_BODY.has(response.status) ? null : body, {
        status: response.status,
        headers: response.headers,
      });
    } catch (error) {
      // A plain Error around ours: the SDK looks at `status` and replaces what has one of 500 or more.
      throw new Error('the request to Pinecone failed', { cause: isOurs(error) ? error : outage(error) });
    }
  };

/**
 * Our error from inside an error of the SDK's, or one for an answer that it could not parse; another error (a wrong
 * argument, say) as it is.
 */
export const unwrapPineconeError = (error: unknown): unknown => {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (isOurs(inner)) return inner;
    if (inner instanceof SyntaxError)
      return new UpstreamError('pinecone', 'Pinecone answered with what is no JSON', { cause: inner });
  }
  return error;
};

const isOurs = (error: unknown): error is EverytokenError =>
  error instanceof UpstreamError || error instanceof ConfigurationError;

const outage = (cause: unknown): UpstreamError =>
  cause instanceof Error && cause.name === 'TimeoutError'
    ? new UpstreamError('pinecone', 'Pinecone did not answer in time', { code: 'timeout', cause })
    : new UpstreamError('pinecone', 'Pinecone cannot be reached', { code: 'unreachable', cause });

/** What a request said, none of which an error message may repeat: its key, and every text of its body. */
const sentBy = (init: RequestInit | undefined): string[] => {
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
  const said = withoutPrompt(messageIn(body), sent);
  if (status === 401 || status === 403) {
    return new ConfigurationError(
      `Pinecone refused the key or what it may do (${status}): ${said}; set PINECONE_API_KEY to a key with access`,
      { code: 'pinecone_key_refused' },
    );
  }
  return new UpstreamError('pinecone', `Pinecone answered ${status}: ${said}`, {
    code: status === 429 ? 'rate_limited' : 'upstream_error',
    retryable: status === 408 || status === 429 || status >= 500,
    status,
    retryAfterMs: retryAfterMs(headers, Date.now()),
  });
};

/** The message of either plane's error body, or the text that is none. */
const messageIn = (body: string): string => {
  try {
    const { error, message } = JSON.parse(body) as { error?: { message?: unknown }; message?: unknown };
    const found = error?.message ?? message;
    if (typeof found === 'string') return found;
  } catch {
    // Not JSON: a 401 comes as plain text.
  }
  return body || 'no reason given';
};

export const statusOf = (error: unknown): number | undefined =>
  error instanceof UpstreamError ? error.status : undefined;
