import { Pinecone } from '@pinecone-database/pinecone';
import OpenAI, { APIError } from 'openai';
import type { UserVariables } from './settings.ts';
import { StackError } from './stack-error.ts';

const OPENAI = 'https://api.openai.com/v1';
const TIMEOUT_MS = 15_000;

/** A server that speaks OpenAI's protocol, and the model to use on it. */
export type ModelService = { baseUrl: string; apiKey: string; model: string };

/** The user's own model server, when they set a key or an address; `undefined` means that the local one starts. */
export const ownLanguageService = (variables: UserVariables): ModelService | undefined => {
  const { OPENAI_BASE_URL, OPENAI_API_KEY, DEFAULT_MODEL } = variables;
  if (OPENAI_BASE_URL === undefined && OPENAI_API_KEY === undefined) return undefined;
  // The SDK requires a key, so a server without keys gets a placeholder.
  return {
    baseUrl: OPENAI_BASE_URL ?? OPENAI,
    apiKey: OPENAI_API_KEY ?? 'none',
    model: DEFAULT_MODEL ?? 'gpt-6-luna',
  };
};

/**
 * Lists the models of the user's server. It must answer, accept the key and have the default model; a server without a
 * list of models passes.
 *
 * @throws {StackError} that says what to set.
 */
export const checkLanguageService = async ({ baseUrl, apiKey, model }: ModelService): Promise<void> => {
  const names = await modelsOf(baseUrl, apiKey);
  // A server with an empty list may still serve any name.
  if (names.length > 0 && !names.includes(model)) {
    throw new StackError(
      `the model '${model}' is not on ${shown(baseUrl)}: set DEFAULT_MODEL to one that is, such as ${names.slice(0, 10).join(', ')}`,
    );
  }
};

/** An address for a message: a password or a query may be a secret. */
const shown = (address: string): string => {
  const url = URL.parse(address);
  return url === null ? address : `${url.protocol}//${url.host}${url.pathname}`;
};

const clientOf = (baseUrl: string, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0, timeout: TIMEOUT_MS });

const modelsOf = async (baseUrl: string, apiKey: string): Promise<string[]> => {
  try {
    return (await clientOf(baseUrl, apiKey).models.list()).data.map(({ id }) => id);
  } catch (error) {
    const status = error instanceof APIError ? error.status : undefined;
    if (status === 401 || status === 403) {
      throw new StackError(
        `${shown(baseUrl)} refuses the key (${status}): put a valid OPENAI_API_KEY into .env`,
      );
    }
    if (status === 404) return [];
    const remedy =
      baseUrl === OPENAI
        ? 'check the network, or leave OPENAI_API_KEY out for the local model'
        : 'check OPENAI_BASE_URL, or leave it out for the local model';
    throw new StackError(`${shown(baseUrl)} cannot be reached (${status ?? reasonOf(error)}): ${remedy}`);
  }
};

/**
 * Finds the user's own embeddings: at EMBEDDING_BASE_URL, which must have them, or else at the user's model server,
 * which may have none. `undefined` means that the local encoder is used.
 *
 * @throws {StackError} when EMBEDDING_BASE_URL does not work, or the vectors do not have `dimensions` values.
 */
export const ownEmbeddingService = async (
  variables: UserVariables,
  language: ModelService | undefined,
  dimensions: number,
): Promise<ModelService | undefined> => {
  const { EMBEDDING_BASE_URL, EMBEDDING_API_KEY, EMBEDDING_MODEL = 'text-embedding-3-small' } = variables;
  const baseUrl = EMBEDDING_BASE_URL ?? language?.baseUrl;
  if (baseUrl === undefined) return undefined;
  const apiKey = EMBEDDING_API_KEY ?? language?.apiKey ?? 'none';
  const service = { baseUrl, apiKey, model: EMBEDDING_MODEL };
  const found = await tryEmbedding(service);
  if (EMBEDDING_BASE_URL !== undefined) checkEmbeddingService(service, found);
  const { length } = found;
  // Models with this prefix take the wanted size as a parameter.
  if (length !== undefined && length !== dimensions && !EMBEDDING_MODEL.startsWith('text-embedding-3-')) {
    throw new StackError(
      `embeddings of '${EMBEDDING_MODEL}' have ${length} dimensions, EMBEDDING_DIMENSIONS is ${dimensions}: ` +
        `set EMBEDDING_DIMENSIONS to ${length}, and PINECONE_INDEX to an index of that size`,
    );
  }
  // 401, 403 and 429 mean that embeddings exist. Any other failure means that the server lacks this model.
  const isAvailable = length !== undefined || [401, 403, 429].includes(found.status ?? 0);
  return isAvailable ? service : undefined;
};

/** The length of a vector, or the reason that there is none: an HTTP status, or an error without an answer. */
type EmbeddingAnswer = { length?: number; status?: number; reason?: string };

const tryEmbedding = async ({ baseUrl, apiKey, model }: ModelService): Promise<EmbeddingAnswer> => {
  const { embeddings } = clientOf(baseUrl, apiKey);
  try {
    const { data } = await embeddings.create({ model, input: 'everytoken', encoding_format: 'float' });
    const length = data?.[0]?.embedding?.length;
    return length === undefined ? {} : { length };
  } catch (error) {
    const status = error instanceof APIError ? error.status : undefined;
    return status === undefined ? { reason: reasonOf(error) } : { status };
  }
};

const checkEmbeddingService = (
  { baseUrl, model }: ModelService,
  { status, reason, length }: EmbeddingAnswer,
): void => {
  if (length !== undefined || status === 429) return;
  if (reason !== undefined || (status ?? 0) >= 500) {
    throw new StackError(
      `${shown(baseUrl)} cannot be reached (${status ?? reason}): check EMBEDDING_BASE_URL`,
    );
  }
  if (status === 401 || status === 403) {
    throw new StackError(
      `${shown(baseUrl)} refuses the key (${status}): put a valid EMBEDDING_API_KEY into .env`,
    );
  }
  throw new StackError(
    `${shown(baseUrl)} has no embeddings of '${model}' (${status ?? 'an answer without vectors'}): set EMBEDDING_MODEL to one that it has`,
  );
};

export type VectorService = { apiKey: string; controllerHost: string | undefined };

/** The user's own Pinecone, when they set a key or an address; `undefined` means that the local one starts. */
export const ownVectorService = (variables: UserVariables): VectorService | undefined => {
  const { PINECONE_API_KEY, PINECONE_CONTROLLER_HOST } = variables;
  if (PINECONE_API_KEY === undefined && PINECONE_CONTROLLER_HOST === undefined) return undefined;
  return { apiKey: PINECONE_API_KEY ?? 'none', controllerHost: PINECONE_CONTROLLER_HOST };
};

/**
 * Checks that an index has `dimension` dimensions. An absent index passes, since its first use creates it.
 *
 * @throws {StackError} when the dimensions differ, the key is refused or Pinecone cannot be reached.
 */
export const checkIndex = async (
  { apiKey, controllerHost }: VectorService,
  name: string,
  dimension: number,
): Promise<void> => {
  const where = controllerHost === undefined ? 'Pinecone' : shown(controllerHost).replace(/\/$/, '');
  const fetchApi: typeof fetch = (input, init) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const client = new Pinecone({
    apiKey,
    maxRetries: 0,
    fetchApi,
    ...(controllerHost && { controllerHostUrl: controllerHost }),
  });
  const found = await client.indexes.describe(name).catch((error: unknown) => {
    const { name: kind = '', message = '' } = error as Error;
    if (/NotFound/.test(kind)) return undefined;
    if (/Authorization/.test(kind)) {
      throw new StackError(
        `${where} refuses the key: set PINECONE_API_KEY to a valid one, or leave it out for the local index`,
      );
    }
    throw new StackError(
      `${where} cannot be reached (${reasonOf(error) || message}): ${
        controllerHost === undefined
          ? 'check the network, or leave PINECONE_API_KEY out for the local index'
          : 'check PINECONE_CONTROLLER_HOST'
      }`,
    );
  });
  const actual = Object.values(found?.schema?.fields ?? {})
    .map((field) => ('dimension' in field ? field.dimension : undefined))
    .find((value) => typeof value === 'number');
  if (actual !== undefined && actual !== dimension) {
    throw new StackError(
      `the index '${name}' has ${actual} dimensions, embeddings have ${dimension}: ` +
        "set PINECONE_INDEX to another name, or EMBEDDING_DIMENSIONS to the index's",
    );
  }
};

const reasonOf = (error: unknown): string => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code) return code;
  }
  return error instanceof Error ? error.name : 'no answer';
};
