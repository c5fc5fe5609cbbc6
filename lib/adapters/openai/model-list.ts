import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { UpstreamError } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import type { ListedModel, ModelList } from '../../sampling/identify-server.ts';
import type { Configuration } from '../settings/configuration.ts';
import { makeSecret } from '../settings/secrets.ts';
import { type ApiKey, makeOpenAIClient } from './client.ts';
import { translateOpenAIError } from './translate-error.ts';

/**
 * Reads a server's `GET /v1/models` through the SDK. Accepts a bare array too, and skips entries without an id.
 * @throws {UpstreamError} When the answer is not a list.
 * @throws The errors of `translateOpenAIError` when the request fails.
 */
export const makeOpenAIModelList = (access: {
  apiKey: ApiKey;
  baseURL: string;
  clock: Clock;
  provider?: string | undefined;
}): ModelList => {
  const { apiKey, clock, provider } = access;
  const client = makeOpenAIClient(access);
  return async (signal) => {
    let text: string;
    try {
      const response = await client.models.list({ signal, maxRetries: 0 }).asResponse();
      text = await response.text();
    } catch (error) {
      signal.throwIfAborted();
      const key = typeof apiKey === 'string' ? apiKey : await apiKey.read().catch(() => '');
      const sentRequest = { secrets: [key], fields: [], provider };
      const context = { client, model: '', sentRequest, clock, signal, apiKey, usedKey: undefined };
      throw await translateOpenAIError(error, context);
    }
    const models = modelsOf(text);
    if (models === undefined)
      throw new UpstreamError(
        'openai',
        'the model server answered with something other than a list of models',
      );
    return models;
  };
};

const modelsOf = (text: string): ListedModel[] | undefined => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = isObject(body) ? body.data : body;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((model: unknown) =>
    isObject(model) && typeof model.id === 'string' && model.id !== ''
      ? [
          {
            id: model.id,
            ownedBy: typeof model.owned_by === 'string' ? model.owned_by : null,
            shutdownDate: dayOf(model.shutdown_date),
          },
        ]
      : [],
  );
};

/** The UTC day of a date string, a time string, or a time in seconds since the epoch; null for anything else. */
const dayOf = (value: unknown): string | null => {
  const at =
    typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  // Beyond this range, which also excludes NaN, `toISOString` would throw.
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().slice(0, 10) : null;
};

/**
 * Checks that the model server answers and accepts the key, by listing its models.
 * @throws {UpstreamError} When it does not. The message leaves out the server's own, which can repeat the key.
 */
export const makeModelCheck = ({ baseUrl, apiKey }: Configuration['openai']) => {
  const secret = makeSecret(apiKey, 'OPENAI_API_KEY');
  return async (signal: AbortSignal): Promise<void> => {
    const client = new OpenAI({
      apiKey: await secret.read(),
      maxRetries: 0,
      ...(baseUrl && { baseURL: baseUrl }),
    });
    try {
      await client.models.list({ signal });
    } catch (cause) {
      throw new UpstreamError('openai', 'the model server did not return its list of models', { cause });
    }
  };
};
