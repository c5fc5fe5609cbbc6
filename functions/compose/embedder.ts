import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { makeSecret, withKey } from '../../lib/adapters/settings/secrets.ts';
import { isOpenAI } from '../../lib/sampling/server.ts';
import type { Embedder, InputEmbedder } from '../../lib/vectors/ports.ts';

/**
 * Builds the embedder, which reads its key and loads its client at the first call. `deadlineMs` is of a call with all its
 * retries.
 */
export const composeEmbedder = (
  { embedding }: Pick<Configuration, 'embedding'>,
  { deadlineMs }: { deadlineMs?: number } = {},
): Embedder & InputEmbedder => {
  const { model, dimensions, baseUrl } = embedding;
  const use = withKey(makeSecret(embedding.apiKey, 'EMBEDDING_API_KEY'), async (apiKey) => {
    const { makeOpenAIEmbedder } = await import('../../lib/adapters/openai/embedder.ts');
    const retry = deadlineMs !== undefined && { retry: { deadlineMs } };
    return makeOpenAIEmbedder({ apiKey, model, dimensions, baseUrl, ...retry });
  });
  return {
    model,
    dimensions,
    provider: baseUrl === undefined || isOpenAI(baseUrl) ? 'openai' : 'other',
    embed: (texts, signal) => use((embedder) => embedder.embed(texts, signal)),
    embedInputs: (inputs, options) => use((embedder) => embedder.embedInputs(inputs, options)),
  };
};
