import type { JsonObject } from '../json.ts';
import { countTokens } from '../model/tokens.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import type { Encoder } from './encoder.ts';
import { EMBEDDING_MODEL, EMBEDDING_NAMES, modelNotFound } from './models.ts';
import { readModel, readNumber, refuseUnknown } from './parameters.ts';

const DEFAULT_DIMENSIONS = 1536;
const MAX_INPUTS = 2048;
const MAX_TOKENS_PER_INPUT = 8192;
const MAX_TOKENS_PER_REQUEST = 300_000;

/**
 * Fits the encoder's 512 values into `dimensions`: more are filled with zeros, which change no cosine; fewer keep the
 * first values, scaled to length 1, as OpenAI shortens its embeddings.
 */
export const withDimensions = (vector: Float32Array, dimensions: number): Float32Array => {
  const sized = new Float32Array(dimensions);
  sized.set(vector.subarray(0, dimensions));
  if (dimensions >= vector.length) return sized;
  const length = Math.hypot(...sized);
  return length === 0 ? sized : sized.map((value) => value / length);
};

/** Base64 of the values as little-endian 32-bit floats, the format that the official SDKs request by default. */
const base64Of = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
};

const readInput = (body: JsonObject): string[] => {
  const { input } = body;
  if (input === undefined || input === null) throw missing('input');
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length === 0) throw wrongValue('input', "Invalid 'input': the array cannot be empty.");
  if (texts.length > MAX_INPUTS) {
    const message = `Invalid 'input': array too long. Expected an array with maximum length ${MAX_INPUTS}, but got an array with length ${texts.length} instead.`;
    throw new ApiError(400, message, 'input', 'array_above_max_length');
  }
  return texts.map((text) => {
    if (typeof text === 'number' || Array.isArray(text)) {
      throw wrongValue(
        'input',
        "Invalid 'input': arrays of tokens are not supported by this server, send strings.",
      );
    }
    if (typeof text !== 'string') throw wrongType('input', 'string', text);
    if (text === '') throw wrongValue('input', "Invalid 'input': input cannot be an empty string.");
    return text;
  });
};

/** Counts the tokens of all inputs, and refuses inputs above OpenAI's limits. */
const countInput = (texts: readonly string[]): number => {
  let total = 0;
  for (const text of texts) {
    const tokens = countTokens(text);
    total += tokens;
    if (tokens > MAX_TOKENS_PER_INPUT) {
      throw wrongValue(
        'input',
        `Invalid 'input': maximum input length is ${MAX_TOKENS_PER_INPUT} tokens, but got ${tokens}.`,
      );
    }
  }
  if (total > MAX_TOKENS_PER_REQUEST) {
    throw wrongValue(
      'input',
      `Invalid 'input': a request holds at most ${MAX_TOKENS_PER_REQUEST} tokens, but got ${total}.`,
    );
  }
  return total;
};

const readFormat = (body: JsonObject): 'float' | 'base64' => {
  const format = body.encoding_format ?? 'float';
  if (format === 'float' || format === 'base64') return format;
  throw wrongValue(
    'encoding_format',
    "Invalid value for 'encoding_format'. Supported values are: 'float' and 'base64'.",
  );
};

const readUser = (body: JsonObject): void => {
  const user = body.user ?? '';
  if (typeof user !== 'string') throw wrongType('user', 'string', user);
};

/**
 * `POST /v1/embeddings`, with OpenAI's request and answer. `model` in the answer is the encoder's own name.
 *
 * @throws {ApiError} 400 that names the invalid parameter, 404 for an unknown model.
 */
export const createEmbeddings = async (body: JsonObject, encoder: Encoder, signal: AbortSignal) => {
  refuseUnknown(body, ['model', 'input', 'dimensions', 'encoding_format', 'user']);
  const model = readModel(body);
  if (!EMBEDDING_NAMES.includes(model)) throw modelNotFound(model, EMBEDDING_NAMES);
  const texts = readInput(body);
  const dimensions =
    readNumber(body, 'dimensions', { kind: 'integer', min: 1, max: 4096 }) ?? DEFAULT_DIMENSIONS;
  const format = readFormat(body);
  readUser(body);
  const tokens = countInput(texts);
  const vectors = await Promise.all(texts.map((text) => encoder.embed(text, { signal })));
  const data = vectors.map((vector, index) => {
    const sized = withDimensions(vector, dimensions);
    return {
      object: 'embedding',
      index,
      embedding: format === 'base64' ? base64Of(sized) : Array.from(sized),
    };
  });
  return {
    object: 'list',
    data,
    model: EMBEDDING_MODEL,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
};
