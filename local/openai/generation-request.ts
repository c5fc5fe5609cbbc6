import { isObject, type JsonObject, own } from '../json.ts';
import { ApiError, wrongType, wrongValue } from './api-error.ts';
import { readBoolean, readNumber, readStop, refuseUnknown } from './parameters.ts';

/** The parameters that chat and plain completions share. `topP` 1 and `topK` 0 cut nothing. */
export type GenerationRequest = {
  temperature: number;
  topP: number;
  topK: number;
  frequencyPenalty: number;
  presencePenalty: number;
  /** Keys are o200k token ids. */
  logitBias: Map<number, number>;
  maxTokens: number | undefined;
  n: number;
  seed: number | undefined;
  stop: string[];
  stream: boolean;
  includeUsage: boolean;
  /** Whether every chunk carries the usage so far (vLLM's `continuous_usage_stats`). */
  continuousUsage: boolean;
  /** Tokens per second; `undefined` means the server's pace. */
  pace: number | undefined;
};

const SHARED_PARAMETERS = [
  'model',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'stream',
  'stream_options',
  'user',
  'pace',
] as const;

const STREAM_OPTIONS = ['include_usage', 'include_obfuscation', 'continuous_usage_stats'];

const readStreamOptions = (
  body: JsonObject,
  stream: boolean,
): Pick<GenerationRequest, 'includeUsage' | 'continuousUsage'> => {
  const options = body.stream_options ?? undefined;
  if (options === undefined) return { includeUsage: false, continuousUsage: false };
  if (!isObject(options)) throw wrongType('stream_options', 'object', options);
  if (!stream)
    throw wrongValue(
      'stream_options',
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    );
  refuseUnknown(options, STREAM_OPTIONS);
  readBoolean(options, 'include_obfuscation');
  const includeUsage = readBoolean(options, 'include_usage');
  return { includeUsage, continuousUsage: readBoolean(options, 'continuous_usage_stats') && includeUsage };
};

const readLogitBias = (body: JsonObject): Map<number, number> => {
  const biases = body.logit_bias ?? {};
  if (!isObject(biases)) throw wrongType('logit_bias', 'object', biases);
  return new Map(
    Object.keys(biases).map((key) => {
      if (!/^\d{1,6}$/.test(key))
        throw wrongValue('logit_bias', `Invalid key in 'logit_bias': '${key}' is not a token id.`);
      const bias = readNumber({ logit_bias: own(biases, key) }, 'logit_bias', {
        kind: 'decimal',
        min: -100,
        max: 100,
      });
      return [Number(key), bias ?? 0];
    }),
  );
};

/** `top_k` as in vLLM: -1 and 0 cut nothing. */
const readTopK = (body: JsonObject): number =>
  Math.max(0, readNumber(body, 'top_k', { kind: 'integer', min: -1, max: Number.MAX_SAFE_INTEGER }) ?? 0);

/**
 * Reads the shared parameters; those that an endpoint lacks it has refused before.
 *
 * @throws {ApiError} 400 that names the parameter.
 */
export const readSharedParameters = (body: JsonObject): GenerationRequest => {
  if (body.user !== undefined && body.user !== null && typeof body.user !== 'string') {
    throw wrongType('user', 'string', body.user);
  }
  const stream = readBoolean(body, 'stream');
  const tokens = { kind: 'integer', min: 1, max: 131_072 } as const;
  const limits = ['max_tokens', 'max_completion_tokens'].map((param) => readNumber(body, param, tokens));
  if (limits.every((limit) => limit !== undefined)) {
    throw new ApiError(
      400,
      "'max_tokens' and 'max_completion_tokens' cannot both be given.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  }
  const penalty = { kind: 'decimal', min: -2, max: 2 } as const;
  return {
    temperature: readNumber(body, 'temperature', { kind: 'decimal', min: 0, max: 2 }) ?? 1,
    topP: readNumber(body, 'top_p', { kind: 'decimal', min: 0, max: 1 }) ?? 1,
    topK: readTopK(body),
    frequencyPenalty: readNumber(body, 'frequency_penalty', penalty) ?? 0,
    presencePenalty: readNumber(body, 'presence_penalty', penalty) ?? 0,
    logitBias: readLogitBias(body),
    maxTokens: limits.find((limit) => limit !== undefined),
    n: readNumber(body, 'n', { kind: 'integer', min: 1, max: 128 }) ?? 1,
    seed: readNumber(body, 'seed', {
      kind: 'integer',
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
    }),
    stop: readStop(body),
    stream,
    ...readStreamOptions(body, stream),
    pace: readNumber(body, 'pace', { kind: 'decimal', min: 0, max: 1_000_000 }),
  };
};

/**
 * Reads the shared parameters. `more` names the endpoint's own; any other is refused.
 *
 * @throws {ApiError} 400 that names the parameter.
 */
export const readGenerationRequest = (body: JsonObject, more: readonly string[]): GenerationRequest => {
  refuseUnknown(body, [...SHARED_PARAMETERS, ...more]);
  return readSharedParameters(body);
};
