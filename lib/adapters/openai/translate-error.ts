import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { ConfigurationError, EverytokenError, UpstreamError } from '../../errors.ts';
import { retryAfterMs } from '../upstream.ts';
import type { ApiKey } from './client.ts';
import { type Asked, errorOf, modelNotFound, placesOf, type Refused, saysModelIsMissing } from './errors.ts';

/** How long a server is asked which models it has, once it said that it has not the one named. */
const MODEL_LIST_MS = 3_000;

type Context = {
  client: OpenAI;
  model: string;
  asked: Asked;
  clock: Clock;
  signal: AbortSignal;
  apiKey: ApiKey | undefined;
  usedKey: string | undefined;
};

/** What the SDK, fetch or our own reader threw, as one of our errors; what nobody recognises stays as it is. */
export const translateOpenAIError = async (error: unknown, context: Context): Promise<Error> => {
  if (error instanceof EverytokenError) return error;
  if (error instanceof OpenAI.APIConnectionError) return unreachable(error);
  if (error instanceof OpenAI.APIError && error.status !== undefined) {
    return answered(refusedBy(error, context.clock), context);
  }
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof EverytokenError) return cause;
  if (error instanceof OpenAI.OpenAIError || isUnsendable(error)) {
    const { who, key } = placesOf(context.asked.provider);
    return new ConfigurationError(`${who}: the request could not be made; check ${key}`, { cause: error });
  }
  if (error instanceof TypeError && networkCode(error) !== undefined) {
    return new UpstreamError('openai', `the connection to the model server broke (${networkCode(error)})`, {
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error('a value that is no error was thrown', { cause: error });
};

/** fetch's error for a header's value, such as a key with a line break in it, which its message quotes. */
const isUnsendable = (error: unknown): boolean =>
  error instanceof TypeError && /invalid header value|ByteString/.test(error.message);

const refusedBy = (error: InstanceType<typeof OpenAI.APIError>, clock: Clock): Refused => {
  const body: unknown = error.error;
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  return {
    status: error.status,
    code: error.code,
    type: error.type,
    param: error.param,
    message,
    retryAfterMs: retryAfterMs(error.headers, clock.now()),
  };
};

const answered = async (refused: Refused, context: Context): Promise<Error> => {
  const { client, model, asked, signal, apiKey, usedKey } = context;
  if (saysModelIsMissing(refused)) {
    return modelNotFound(model, await modelsOf(client, signal), refused.status);
  }
  const error = errorOf(refused, asked);
  if (refused.status !== 401 || typeof apiKey !== 'object') return error;
  apiKey.forget();
  const keyNow = await apiKey.read();
  return new ConfigurationError(error.message, { retryable: keyNow !== usedKey });
};

/** Up to ten; none when the server does not say within its time. */
const modelsOf = async (client: OpenAI, signal: AbortSignal): Promise<string[]> => {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(MODEL_LIST_MS)]);
    const page = await client.models.list({ signal: bounded, maxRetries: 0, timeout: MODEL_LIST_MS });
    return page.data.slice(0, 10).map(({ id }) => id);
  } catch {
    signal.throwIfAborted();
    return [];
  }
};

const unreachable = (error: Error): UpstreamError => {
  const code = networkCode(error);
  return new UpstreamError('openai', `the model server could not be reached${code ? ` (${code})` : ''}`, {
    cause: error,
  });
};

/** The system's or undici's code, however deep; `terminated` without one is a body that was cut off. */
const networkCode = (error: Error): string | undefined => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return error.message === 'terminated' || error.message === 'fetch failed' ? error.message : undefined;
};
