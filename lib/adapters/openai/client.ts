import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import type { ApiKey } from './api-key.ts';
import { currentDispatch } from './connection-times.ts';

type Access = { apiKey: ApiKey; baseURL: string; clock: Clock };

/** The SDK's client for a model server: never retries, logs nothing, and notes t0 right before `fetch`. */
export const makeOpenAIClient = ({ apiKey, baseURL, clock }: Access): OpenAI =>
  new OpenAI({
    apiKey: typeof apiKey === 'string' ? apiKey : () => readKey(apiKey),
    baseURL,
    maxRetries: 0,
    logLevel: 'off', // the SDK's debug log holds prompts, and OPENAI_LOG would switch it on
    fetch: (url, init) => {
      const sent = currentDispatch();
      if (sent) sent.t0 = clock.monotonic();
      return fetch(url, init);
    },
  });

const readKey = async (apiKey: Exclude<ApiKey, string>): Promise<string> => {
  const key = await apiKey.read();
  const sent = currentDispatch();
  if (sent) sent.apiKey = key;
  return key;
};
