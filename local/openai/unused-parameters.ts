import { isObject, type JsonObject, own } from '../json.ts';
import { wrongType, wrongValue } from './api-error.ts';
import { readBoolean, requireValue } from './parameters.ts';

/** Parameters of all endpoints that are checked as OpenAI checks them, and have no effect on this server. */
export const UNUSED_PARAMETERS = [
  'store',
  'metadata',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
];

/** Such parameters of chat completions only. */
export const UNUSED_CHAT_PARAMETERS = ['reasoning_effort', 'verbosity', 'prediction'];

const readMetadata = (body: JsonObject): void => {
  const metadata = body.metadata ?? {};
  if (!isObject(metadata)) throw wrongType('metadata', 'object', metadata);
  const pairs = Object.entries(metadata);
  for (const [, value] of pairs) if (typeof value !== 'string') throw wrongType('metadata', 'string', value);
  if (pairs.length > 16 || pairs.some(([name, value]) => name.length > 64 || String(value).length > 512))
    throw wrongValue(
      'metadata',
      "Invalid 'metadata': at most 16 pairs, of names up to 64 and values up to 512 characters.",
    );
};

const readPrediction = ({ prediction = null }: JsonObject): void => {
  if (prediction === null) return;
  if (!isObject(prediction)) throw wrongType('prediction', 'object', prediction);
  if (prediction.type !== 'content')
    throw wrongValue('prediction.type', "Invalid value for 'prediction.type': must be 'content'.");
  const { content } = prediction;
  const isText = (part: unknown): boolean =>
    isObject(part) && part.type === 'text' && typeof part.text === 'string';
  if (typeof content !== 'string' && !(Array.isArray(content) && content.every(isText)))
    throw wrongType('prediction.content', 'string', content);
};

/** @throws {ApiError} 400 that names the first invalid one of these parameters. */
export const readUnusedParameters = (body: JsonObject): void => {
  readBoolean(body, 'store');
  readMetadata(body);
  requireValue(body, 'service_tier', ['auto', 'default', 'flex', 'scale', 'priority', 'fast']);
  requireValue(body, 'prompt_cache_retention', ['in_memory', '24h']);
  for (const param of ['safety_identifier', 'prompt_cache_key']) {
    const value = own(body, param) ?? '';
    if (typeof value !== 'string') throw wrongType(param, 'string', value);
  }
  const options = body.prompt_cache_options ?? {};
  if (!isObject(options)) throw wrongType('prompt_cache_options', 'object', options);
};

/** @throws {ApiError} 400 that names the first invalid one of these parameters. */
export const readUnusedChatParameters = (body: JsonObject): void => {
  requireValue(body, 'reasoning_effort', ['none']);
  requireValue(body, 'verbosity', ['low', 'medium', 'high']);
  readPrediction(body);
};
