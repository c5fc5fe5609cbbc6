import { makeOpenAIEmbedder } from '../../../lib/adapters/openai/embedder.ts';
import { makePineconeIndex } from '../../../lib/adapters/pinecone/vector-index.ts';
import type { Configuration } from '../../../lib/adapters/settings/configuration.ts';
import { makeSecret } from '../../../lib/adapters/settings/secrets.ts';
import { EverytokenError, UpstreamError } from '../../../lib/errors.ts';
import { type Finding, findingOn } from '../../finding.ts';
import type { InitOptions } from './options.ts';

/** Embeds one word to check that the server accepts the key, has the model, and returns vectors of the right size. */
export const checkEmbeddings = async ({ embedding }: Configuration, timeoutMs: number): Promise<Finding> => {
  const finding = findingOn('embeddings');
  const { model, dimensions, baseUrl } = embedding;
  try {
    const apiKey = await makeSecret(embedding.apiKey, 'OPENAI_API_KEY').read();
    const retry = { attempts: 2, deadlineMs: timeoutMs };
    const embedder = makeOpenAIEmbedder({ apiKey, baseUrl, model, dimensions, timeoutMs, retry });
    const { vectors } = await embedder.embed(['everytoken'], AbortSignal.timeout(timeoutMs));
    const length = vectors[0]?.length ?? 0;
    if (length === dimensions) return finding('ok', `${model} answers with ${length} dimensions`);
    const remedy = `set EMBEDDING_DIMENSIONS to ${length}, and PINECONE_INDEX to an index of that size`;
    return finding(
      'wrong',
      `${model} gives ${length} dimensions, EMBEDDING_DIMENSIONS is ${dimensions}; ${remedy}`,
    );
  } catch (error) {
    if (!(error instanceof EverytokenError)) throw error;
    const remedy = error instanceof UpstreamError ? '; check EMBEDDING_BASE_URL and the network' : '';
    return finding('wrong', `${error.message}${remedy}`);
  }
};

/** Checks that Pinecone accepts the key and that the index exists, fits and is ready. `creates` allows creating it. */
export const checkIndex = async (
  { pinecone, embedding }: Configuration,
  { cloud, indexRegion, timeoutMs }: Pick<InitOptions, 'cloud' | 'indexRegion' | 'timeoutMs'>,
  creates: boolean,
): Promise<Finding> => {
  const finding = findingOn('pinecone index');
  const { dimensions } = embedding;
  let isNew = false;
  try {
    const index = makePineconeIndex({
      apiKey: await makeSecret(pinecone.apiKey, 'PINECONE_API_KEY').read(),
      controllerHost: pinecone.controllerHost,
      indexName: pinecone.index,
      dimension: dimensions,
      cloud,
      region: indexRegion,
      timeoutMs,
      creates,
      onCreated: () => {
        isNew = true;
      },
      retry: { attempts: 2, deadlineMs: timeoutMs },
    });
    await index.ensure();
    const made = isNew ? `was created in ${cloud} ${indexRegion}: ` : '';
    return finding('ok', `'${pinecone.index}' ${made}${dimensions} dimensions, cosine, ready`);
  } catch (error) {
    if (!(error instanceof EverytokenError)) throw error;
    return finding('wrong', `${error.message}${remedyOf(error)}`);
  }
};

const remedyOf = (error: EverytokenError): string => {
  if (error.code === 'index_missing')
    return '; init creates it without --check, once the embeddings are right';
  if (!(error instanceof UpstreamError)) return '';
  if (error.code === 'index_not_ready') return '; check it in the Pinecone console, then run this again';
  if (error.status === 400 || error.status === 403) return '; check --cloud, --region-of-index and the plan';
  return '; check the network and PINECONE_CONTROLLER_HOST';
};
