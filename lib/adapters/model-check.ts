import OpenAI from 'openai';
import type { Configuration } from './configuration.ts';
import { makeSecret } from './secrets.ts';

/** Whether the model server answers and takes the key: asks it for its models. */
export const makeModelCheck = ({ baseUrl, apiKey }: Configuration['openai']) => {
  const secret = makeSecret(apiKey, 'OPENAI_API_KEY');
  return async (signal: AbortSignal): Promise<void> => {
    const client = new OpenAI({
      apiKey: await secret.read(),
      maxRetries: 0,
      ...(baseUrl && { baseURL: baseUrl }),
    });
    await client.models.list({ signal });
  };
};
