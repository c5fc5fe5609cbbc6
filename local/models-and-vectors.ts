import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Closer, opened } from './closers.ts';
import { startOpenaiProcess } from './openai/start-process.ts';
import {
  checkIndex,
  checkLanguageService,
  ownEmbeddingService,
  ownLanguageService,
  ownVectorService,
} from './outside-services.ts';
import { type PineconeServer, startPinecone } from './pinecone/server.ts';
import type { Settings, UserVariables } from './settings.ts';

type Models = {
  openai: string;
  /** The key of the local language model; null where the user's own server is used. */
  apiKey: string | null;
  outsideEmbeddings: string | undefined;
  environment: { DEFAULT_MODEL: string } & Record<string, string>;
};

/**
 * Finds the language model and the embeddings: checks the user's own services, and starts the local server for those
 * that the user does not have.
 *
 * @throws {StackError} when a service of the user's own does not work.
 */
export const startModels = async (
  { variables, pace, dataDir }: Settings,
  cacheDir: string,
  closers: Closer[],
): Promise<Models> => {
  const language = ownLanguageService(variables);
  if (language) await checkLanguageService(language);
  const embedding = await ownEmbeddingService(variables, language, dimensionsOf(variables));
  const local =
    language && embedding
      ? undefined
      : await opened(
          closers,
          startOpenaiProcess({
            pace,
            languageModel: !language,
            cacheDir,
            dataDir: join(dataDir, 'openai'),
          }),
        );
  const openai = language?.baseUrl ?? local?.url ?? '';
  return {
    openai,
    apiKey: language ? null : (local?.apiKey ?? null),
    outsideEmbeddings: embedding?.baseUrl,
    environment: {
      OPENAI_BASE_URL: openai,
      OPENAI_API_KEY: language?.apiKey ?? local?.apiKey ?? '',
      DEFAULT_MODEL: language?.model ?? variables.DEFAULT_MODEL ?? 'everytoken-ngram',
      EMBEDDING_BASE_URL: embedding?.baseUrl ?? local?.url ?? '',
      EMBEDDING_API_KEY: embedding?.apiKey ?? local?.apiKey ?? '',
      EMBEDDING_MODEL: embedding?.model ?? variables.EMBEDDING_MODEL ?? 'everytoken-use',
    },
  };
};

/**
 * Finds the vector index: checks the user's own Pinecone, or starts the local one.
 *
 * @throws {StackError} when Pinecone cannot be reached, refuses the key, or has an index of another dimension.
 */
export const startVectors = async ({ variables, dataDir }: Settings, closers: Closer[]) => {
  const own = ownVectorService(variables);
  const index = variables.PINECONE_INDEX ?? 'autogen-text';
  const local = own ? undefined : await startLocalPinecone(dataDir, closers);
  const service = own ?? { apiKey: local?.apiKey ?? '', controllerHost: local?.url };
  const pinecone = service.controllerHost ?? 'https://api.pinecone.io';
  await checkIndex(service, index, dimensionsOf(variables));
  const environment = {
    PINECONE_API_KEY: service.apiKey,
    ...(service.controllerHost !== undefined && { PINECONE_CONTROLLER_HOST: service.controllerHost }),
  };
  return { pinecone, apiKey: local?.apiKey ?? null, index, environment };
};

const startLocalPinecone = (dataDir: string, closers: Closer[]): Promise<PineconeServer> => {
  mkdirSync(join(dataDir, 'pinecone'), { recursive: true });
  return opened(closers, startPinecone({ file: join(dataDir, 'pinecone', 'vectors.sqlite') }));
};

const dimensionsOf = ({ EMBEDDING_DIMENSIONS }: UserVariables): number =>
  Number(EMBEDDING_DIMENSIONS ?? 1536);
