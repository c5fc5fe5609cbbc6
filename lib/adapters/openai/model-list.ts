import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { UpstreamError } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import type { ListedModel, ModelList } from '../../sampling/identify-server.ts';
import type { Configuration } from '../settings/configuration.ts';
import { makeSecret } from '../settings/secrets.ts';
import { type ApiKey, makeOpenAIClient } from './client.ts';
import { translateOpenAIError } from './translate-error.ts';

/** A server's `GET /v1/models`, by the SDK; some answer with a bare array. What is no model is left out. */
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
      const asked = { secrets: [key], fields: [], provider };
      const context = { client, model: '', asked, clock, signal, apiKey, usedKey: undefined };
      throw await translateOpenAIError(error, context);
    }
    const models = modelsOf(text);
    if (models === undefined)
      throw new UpstreamError('openai', 'the model server gave what is no list of models');
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

/** A date or instant as text, or an instant in seconds; null for anything else. */
const dayOf = (value: unknown): string | null => {
  const at =
    typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  // Instants beyond what a date can hold are no dates either.
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().slice(0, 10) : null;
};

/**
 * Whether the model server answers and takes the key: asks it for its models. Throws `UpstreamError`, which says
 * nothing of the server's own words: they can repeat the key.
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
      throw new UpstreamError('openai', 'the model server did not give its list of models', { cause });
    }
  };
};
