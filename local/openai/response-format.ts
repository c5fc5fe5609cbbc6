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

/** The place of a format in a request, and what differs there: words, codes, and the nesting of a schema's fields. */
export type FormatPlace = {
  param: string;
  /** Where the fields of a schema are: in the field `json_schema`, or beside the type. */
  form: 'nested' | 'flat';
  /** The texts one of which must mention JSON for `json_object`. */
  texts: readonly string[];
  /** The error when none of them does. */
  unmentioned: { message: string; param: string };
  /** The parameter and the code of the error for an invalid schema. */
  invalidSchema: { param: string; code: string | null };
};

/**
 * Reads the format of an answer; `undefined` for text.
 *
 * @throws {ApiError} 400 in OpenAI's words.
 */
export const readFormat = (given: unknown, model: Ngram, place: FormatPlace): ResponseFormat | undefined => {
  const { param, form, texts, unmentioned, invalidSchema } = place;
  const format = given ?? { type: 'text' };
  if (!isObject(format)) throw wrongType(param, 'object', format);
  const { type, ...flat } = format;
  if (type === undefined) throw missing(`${param}.type`);
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    const known = TYPES.map((each) => `'${each}'`).join(', ');
    throw wrongValue(
      `${param}.type`,
      `Invalid value: ${JSON.stringify(type)}. Supported values are: ${known}.`,
    );
  }
  const isSchema = type === 'json_schema';
  if (!isSchema || form === 'nested')
    readFields(format, param, isSchema ? ['type', 'json_schema'] : ['type']);
  const refusal = { about: 'Invalid schema for response_format', ...invalidSchema };
  if (type === 'text') return undefined;
  if (type === 'json_object') {
    if (!texts.some((text) => /json/i.test(text)))
      throw new ApiError(400, unmentioned.message, unmentioned.param);
    return { grammar: grammarOf(model, ANY_OBJECT, false, refusal), promptTokens: 0 };
  }
  const inner = form === 'nested' ? `${param}.json_schema` : param;
  const described = form === 'nested' ? format.json_schema : flat;
  const fields = readFields(described, inner, ['name', 'description', 'schema', 'strict']);
  const about = `${refusal.about} '${readName(fields.name, `${inner}.name`)}'`;
  const { schema } = fields;
  if (schema === undefined || schema === null) throw missing(`${inner}.schema`);
  return {
    grammar: grammarOf(model, schema, readStrict(fields, inner), { ...refusal, about }),
    promptTokens: countTokens(JSON.stringify(schema)),
  };
};

/** Reads `response_format` of chat completions. `texts` are those of the messages. */
export const readResponseFormat = (body: JsonObject, model: Ngram, texts: readonly string[]) =>
  readFormat(body.response_format, model, {
    param: 'response_format',
    form: 'nested',
    texts,
    unmentioned: {
      message:
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      param: 'messages',
    },
    invalidSchema: { param: 'response_format', code: null },
  });
