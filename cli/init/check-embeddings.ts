import { makeOpenAIEmbedder } from '../../lib/adapters/openai/embedder.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { makeSecret } from '../../lib/adapters/settings/secrets.ts';
import { EverytokenError, UpstreamError } from '../../lib/errors.ts';
import type { Finding } from './finding.ts';

/** Has one word embedded: whether the server takes the key and has the model, and how long its vectors are. */
export const checkEmbeddings = async ({ embedding }: Configuration, timeoutMs: number): Promise<Finding> => {
  const what = 'embeddings';
  const { model, dimensions, baseUrl } = embedding;
  try {
    const apiKey = await makeSecret(embedding.apiKey, 'OPENAI_API_KEY').read();
    const retry = { attempts: 2, deadlineMs: timeoutMs };
    const embedder = makeOpenAIEmbedder({ apiKey, baseUrl, model, dimensions, timeoutMs, retry });
    const { vectors } = await embedder.embed(['everytoken'], AbortSignal.timeout(timeoutMs));
    const length = vectors[0]?.length ?? 0;
    if (length === dimensions)
      return { state: 'ok', what, says: `${model} answers with ${length} dimensions` };
    const remedy = `set EMBEDDING_DIMENSIONS to ${length}, and PINECONE_INDEX to an index of that size`;
    return {
      state: 'wrong',
      what,
      says: `${model} gives ${length} dimensions, EMBEDDING_DIMENSIONS is ${dimensions}; ${remedy}`,
    };
  } catch (error) {
    if (!(error instanceof EverytokenError)) throw error;
    const remedy = error instanceof UpstreamError ? '; check EMBEDDING_BASE_URL and the network' : '';
    return { state: 'wrong', what, says: `${error.message}${remedy}` };
  }
};
