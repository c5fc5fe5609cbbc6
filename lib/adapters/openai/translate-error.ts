import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { ConfigurationError, EverytokenError, isOfGateway, UpstreamError } from '../../errors.ts';
import { retryAfterMs } from '../upstream.ts';
import { unreadable } from './body-events.ts';
import type { ApiKey } from './client.ts';
import {
  errorOf,
  hasNoCompletions,
  hasOtherApi,
  modelNotFound,
  type SentRequest,
  settingsOf,
} from './errors.ts';
import { type Refused, readRefused } from './refused.ts';

/** Timeout for listing a server's models, after it has answered that it does not have the requested one. */
const MODEL_LIST_MS = 3_000;

/** Codes of a body that is not in its `content-encoding`. A compressed body that was cut has another code. */
const UNDECODABLE = /^(Z_DATA_ERROR$|ERR__ERROR_|ZSTD_)/;

type Context = {
  client: OpenAI;
  model: string;
  sentRequest: SentRequest;
  clock: Clock;
  signal: AbortSignal;
  apiKey: ApiKey | undefined;
  usedKey: string | undefined;
};

/**
 * Translates an error of the SDK, `fetch` or our own reader to one of ours; returns an unknown error unchanged. After a
 * refused key it reads the key again, and for a missing model it lists the server's models.
 */
export const translateOpenAIError = async (error: unknown, context: Context): Promise<Error> => {
  if (error instanceof EverytokenError) return error;
  if (error instanceof OpenAI.APIConnectionError) return unreachable(error);
  if (error instanceof OpenAI.APIError && error.status !== undefined) {
    const refused = readRefused(error.error ?? error.message, {
      status: error.status,
      retryAfterMs: retryAfterMs(error.headers, context.clock.now()),
    });
    return answered(refused, context);
  }
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof EverytokenError) return cause;
  if (error instanceof OpenAI.OpenAIError || isUnsendable(error)) {
    const { name, key } = settingsOf(context.sentRequest.provider);
    return new ConfigurationError(`${name}: the request could not be made; check ${key}`, { cause: error });
  }
  // The SDK writes an error's body as JSON, which overflows the stack if it is nested without end.
  if (error instanceof RangeError) return unreadable(null);
  if (error instanceof TypeError && networkCode(error) !== undefined) {
    if (UNDECODABLE.test(networkCode(error) ?? '')) return unreadable(null);
    return new UpstreamError('openai', `the connection to the model server broke (${networkCode(error)})`, {
      cause: error,
    });
  }
  return error instanceof Error
    ? error
    : new Error('something other than an Error was thrown', { cause: error });
};

/** Codes of a connection that was never made, so that nothing was sent. */
const NEVER_CONNECTED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

/**
 * Whether an error says that no answer was generated: the server was not reached, or answered with an error of its own.
 * A gateway that gave up waiting for the server does not say so. `error` is as the SDK or our own reader threw it.
 */
export const isBeforeWork = (error: unknown): boolean => {
  if (error instanceof OpenAI.APIConnectionError) return NEVER_CONNECTED.includes(networkCode(error) ?? '');
  if (error instanceof OpenAI.APIError) return error.status !== undefined && !isOfGateway(error.status);
  if (error instanceof UpstreamError) return error.status !== undefined && error.status < 500;
  return error instanceof ConfigurationError || (error instanceof Error && isUnsendable(error));
};

/** Whether `fetch` refused a header's value, such as a key with a line break; its message quotes the value. */
const isUnsendable = (error: unknown): boolean =>
  error instanceof TypeError && /invalid header value|ByteString/.test(error.message);

const answered = async (refused: Refused, context: Context): Promise<Error> => {
  const { client, model, sentRequest, signal, apiKey, usedKey } = context;
  if (sentRequest.endpoint === 'completions' && lacksCompletions(refused))
    return hasNoCompletions(refused, sentRequest.secrets);
  if (needsOtherApi(refused, sentRequest)) return hasOtherApi(refused, sentRequest);
  if (refused.isModelMissing) {
    return modelNotFound(model, await modelsOf(client, signal), refused.status);
  }
  const error = errorOf(refused, sentRequest);
  if (!refused.refusesKey || typeof apiKey !== 'object') return error;
  apiKey.forget();
  const keyNow = await apiKey.read();
  return new ConfigurationError(error.message, { retryable: keyNow !== usedKey });
};

/** The ids of the server's models; none when listing fails or times out. */
const modelsOf = async (client: OpenAI, signal: AbortSignal): Promise<string[]> => {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(MODEL_LIST_MS)]);
    const page = await client.models.list({ signal: bounded, maxRetries: 0, timeout: MODEL_LIST_MS });
    return page.data.map(({ id }) => id);
  } catch {
    signal.throwIfAborted();
    return [];
  }
};

/** OpenAI answers 404 and vLLM 400 for a model of chat; a server without the route answers 404, 405 or 501. */
const lacksCompletions = ({ kind = 500, message, isModelMissing }: Refused): boolean =>
  (kind < 500 && /\bchat model\b|\bcompletions? (api|endpoint)\b/i.test(message)) ||
  ([404, 405, 501].includes(kind) && !isModelMissing);

/**
 * A server without a Responses API answers 404, 405 or 501 there. One that has it names it where it does not take a model,
 * or tools with reasoning, by chat completions.
 */
const needsOtherApi = (
  { kind = 500, message, isModelMissing }: Refused,
  { endpoint }: SentRequest,
): boolean => {
  if (endpoint === 'responses') return [404, 405, 501].includes(kind) && !isModelMissing;
  return endpoint === undefined && kind < 500 && /\bv1\/responses\b/i.test(message);
};

const unreachable = (error: Error): UpstreamError => {
  const code = networkCode(error);
  return new UpstreamError('openai', `the model server could not be reached${code ? ` (${code})` : ''}`, {
    cause: error,
  });
};

/**
 * The code of the operating system or undici, from anywhere in the chain of causes. `terminated` without a code means a
 * body that was cut off.
 */
const networkCode = (error: Error): string | undefined => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return error.message === 'terminated' || error.message === 'fetch failed' ? error.message : undefined;
};
