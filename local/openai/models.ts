import { ApiError } from './api-error.ts';

export const CHAT_MODEL = 'everytoken-ngram';
export const EMBEDDING_MODEL = 'everytoken-use';
/** The names of the encoder, with OpenAI's, so that programs written for those run here. Answers carry its own name. */
export const EMBEDDING_NAMES = [
  EMBEDDING_MODEL,
  'text-embedding-3-small',
  'text-embedding-3-large',
  'text-embedding-ada-002',
];

const modelOf = (id: string, description: string) => ({
  id,
  object: 'model',
  created: 1_790_000_000,
  owned_by: 'everytoken',
  description,
});

const MODELS = [
  modelOf(
    CHAT_MODEL,
    'A local n-gram model, not an LLM: it strings together phrases of technical prose at a simulated pace.',
  ),
  modelOf(
    EMBEDDING_MODEL,
    'The Universal Sentence Encoder, run locally: 512 values, padded with zeros to the dimensions asked for.',
  ),
];

/** The models of a server: both, or only the encoder when `generates` is false. */
export const modelNames = (generates: boolean): string[] =>
  generates ? [CHAT_MODEL, EMBEDDING_MODEL] : [EMBEDDING_MODEL];

export const listModels = (generates: boolean) => ({
  object: 'list',
  data: MODELS.filter(({ id }) => modelNames(generates).includes(id)),
});

/**
 * Finds a model by its id.
 *
 * @throws {ApiError} 404 for a model that this server does not have.
 */
export const findModel = (id: string, generates: boolean) => {
  const model = listModels(generates).data.find((candidate) => candidate.id === id);
  if (model === undefined) throw modelNotFound(id, modelNames(generates));
  return model;
};

/** The 404 error for a model that this server does not have. It names the available ones. */
export const modelNotFound = (model: string, available: readonly string[]): ApiError =>
  new ApiError(
    404,
    `The model \`${model}\` does not exist here. This server has: ${available.join(', ')}.`,
    'model',
    'model_not_found',
  );
