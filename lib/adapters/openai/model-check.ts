import OpenAI from 'openai';
import { UpstreamError } from '../../errors.ts';
import type { Configuration } from '../settings/configuration.ts';
import { makeSecret } from '../settings/secrets.ts';

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
