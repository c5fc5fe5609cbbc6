import { isObject, type JsonObject } from '../json.ts';
import type { Ngram } from '../model/ngram.ts';
import type { SchemaGrammar } from '../model/schema/compile-schema.ts';
import { countTokens } from '../model/tokens.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import { grammarOf, readFields, readName, readStrict } from './schemas.ts';

/** The texts that an answer may be, and the tokens of their schema in the prompt. */
export type ResponseFormat = { grammar: SchemaGrammar; promptTokens: number };

/** The objects of `json_object`, which leaves them open. */
const ANY_OBJECT = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    summary: { type: 'string' },
    points: { type: 'array', items: { type: 'string' }, minItems: 1 },
    count: { type: 'integer', minimum: 0 },
    score: { type: 'number', minimum: 0, maximum: 1 },
    is_complete: { type: 'boolean' },
    parts: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, text: { type: 'string' } },
        required: ['name', 'text'],
      },
    },
  },
  required: ['title'],
};

const TYPES = ['text', 'json_object', 'json_schema'];

/**
 * Reads `response_format`; `undefined` for text. `texts` are those of the messages, one of which must mention JSON for
 * `json_object`.
 *
 * @throws {ApiError} 400 in OpenAI's words.
 */
export const readResponseFormat = (
  body: JsonObject,
  model: Ngram,
  texts: readonly string[],
): ResponseFormat | undefined => {
  const param = 'response_format';
  const format = body.response_format ?? { type: 'text' };
  if (!isObject(format)) throw wrongType(param, 'object', format);
  const { type } = format;
  if (type === undefined) throw missing(`${param}.type`);
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    const known = TYPES.map((each) => `'${each}'`).join(', ');
    throw wrongValue(
      `${param}.type`,
      `Invalid value: ${JSON.stringify(type)}. Supported values are: ${known}.`,
    );
  }
  readFields(format, param, type === 'json_schema' ? ['type', 'json_schema'] : ['type']);
  const refusal = { about: 'Invalid schema for response_format', param, code: null };
  if (type === 'text') return undefined;
  if (type === 'json_object') {
    if (!texts.some((text) => /json/i.test(text)))
      throw new ApiError(
        400,
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        'messages',
      );
    return { grammar: grammarOf(model, ANY_OBJECT, false, refusal), promptTokens: 0 };
  }
  const inner = `${param}.json_schema`;
  const fields = readFields(format.json_schema, inner, ['name', 'description', 'schema', 'strict']);
  const about = `${refusal.about} '${readName(fields.name, `${inner}.name`)}'`;
  const { schema } = fields;
  if (schema === undefined || schema === null) throw missing(`${inner}.schema`);
  return {
    grammar: grammarOf(model, schema, readStrict(fields, inner), { ...refusal, about }),
    promptTokens: countTokens(JSON.stringify(schema)),
  };
};
